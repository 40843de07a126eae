package ai.mountsea.nanobanana.sandbox;

import java.awt.Color;
import java.util.Arrays;
import java.util.Random;

/** A sky, a sun and hills, in {@link #COLORS} colors. Its shape is one of a few. */
final class Landscape {
  static final int COLORS = 38;
  static final int SHAPES = 16;

  private static final int SKY = 32;
  private static final int SUN = SKY;
  private static final int HALO = SKY + 1;
  private static final int HILL = SKY + 2;
  private static final int HILLS = COLORS - HILL;

  private final int width;
  private final int height;
  private final int firstColor;
  private final int[][] hills = new int[HILLS][];
  private final double sunX;
  private final double sunY;
  private final double sunRadius;

  /**
   * Lays out a landscape.
   *
   * @param firstColor the index of the first of its colors
   */
  Landscape(int shape, int width, int height, int firstColor) {
    this.width = width;
    this.height = height;
    this.firstColor = firstColor;
    Random random = new Random(shape * 0x9E3779B97F4A7C15L);
    sunRadius = Math.min(width, height) * (0.09 + 0.05 * random.nextDouble());
    sunX = width * (0.2 + 0.6 * random.nextDouble());
    sunY = height * (0.22 + 0.2 * random.nextDouble());
    for (int hill = 0; hill < HILLS; hill++) {
      hills[hill] = ridge(random, hill);
    }
  }

  /** The farther a ridge, the more it is a mountain. */
  private int[] ridge(Random random, int hill) {
    double base = 0.52 + 0.13 * hill;
    double swing = 0.1 - 0.015 * hill;
    double waves = (3.5 - 0.5 * hill) * Math.max(1, Math.min(4, (double) width / height));
    double phase = random.nextDouble() * 2 * Math.PI;
    double otherPhase = random.nextDouble() * 2 * Math.PI;
    int[] tops = new int[width];
    for (int x = 0; x < width; x++) {
      double at = x * waves / width * 2;
      double round = Math.sin(at + phase) + 0.35 * Math.sin(2.3 * at + otherPhase);
      double peaked = 1.3 - 2.2 * Math.abs(Math.sin(at * 0.8 + phase)) + 0.25 * Math.sin(5 * at);
      tops[x] = (int) (height * (base - swing * (hill == 0 ? -peaked : round)));
    }
    return tops;
  }

  /** Paints the part of a row that begins at x = 0. */
  void paintRow(int y, byte[] row) {
    Arrays.fill(row, 0, width, (byte) (firstColor + sky(y)));
    paintDisc(y, row, sunRadius * 1.3, HALO);
    paintDisc(y, row, sunRadius, SUN);
    for (int hill = 0; hill < HILLS; hill++) {
      int[] tops = hills[hill];
      byte color = (byte) (firstColor + HILL + hill);
      for (int x = 0; x < width; x++) {
        if (y >= tops[x]) {
          row[x] = color;
        }
      }
    }
  }

  private void paintDisc(int y, byte[] row, double radius, int color) {
    double square = radius * radius - (y - sunY) * (y - sunY);
    if (square > 0) {
      int half = (int) Math.sqrt(square);
      Arrays.fill(
          row,
          Math.max(0, (int) sunX - half),
          Math.min(width, (int) sunX + half),
          (byte) (firstColor + color));
    }
  }

  byte colorAt(int x, int y) {
    for (int hill = HILLS - 1; hill >= 0; hill--) {
      if (y >= hills[hill][x]) {
        return (byte) (firstColor + HILL + hill);
      }
    }
    double distance = Math.hypot(x - sunX, y - sunY);
    return (byte)
        (firstColor + (distance < sunRadius ? SUN : distance < sunRadius * 1.3 ? HALO : sky(y)));
  }

  private int sky(int y) {
    return Math.min(SKY - 1, (int) (y * (SKY / 0.75) / height));
  }

  /** The colors of a landscape whose hue depends on the seed. */
  static int[] colors(int seed) {
    Random random = new Random(seed);
    float hue = random.nextFloat();
    float turn = (random.nextBoolean() ? 1 : -1) * (0.06f + 0.08f * random.nextFloat());
    int zenith = Color.HSBtoRGB(hue, 0.62f, 0.86f);
    int horizon = Color.HSBtoRGB(hue + turn, 0.22f, 1f);
    int valley = Color.HSBtoRGB(hue + turn * 2, 0.7f, 0.26f);
    int[] colors = new int[COLORS];
    for (int i = 0; i < SKY; i++) {
      colors[i] = mix(zenith, horizon, i / (SKY - 1.0));
    }
    colors[SUN] = mix(0xFFF3D6, horizon, 0.1);
    colors[HALO] = mix(0xFFF3D6, mix(zenith, horizon, 0.5), 0.62);
    for (int i = 0; i < HILLS; i++) {
      colors[HILL + i] = mix(horizon, valley, 0.3 + 0.2 * i);
    }
    return colors;
  }

  static int mix(int from, int to, double share) {
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int a = from >> shift & 0xff;
      int b = to >> shift & 0xff;
      mixed |= (int) Math.round(a + (b - a) * share) << shift;
    }
    return mixed;
  }
}
