package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Resolution;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Paints what a request asks for, as far as a sandbox can: a landscape that depends on the prompt,
 * the images of an edit pinned onto it, and the prompt lettered across. The pixels have the aspect
 * ratio and the resolution that were asked for; the same request gives the same picture.
 */
final class Painter {
  private static final int PIXELS_PER_K = 1024;

  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private Painter() {}

  static BufferedImage paint(GenerateImageRequest request, List<BufferedImage> sources) {
    int[] size = size(request.aspectRatio(), request.resolution());
    BufferedImage image = new BufferedImage(size[0], size[1], BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    paintLandscape(g, size[0], size[1], new Random(request.prompt().hashCode()));
    paintSources(g, size[0], size[1], sources);
    try {
      letter(g, size[0], size[1], request);
    } catch (RuntimeException | LinkageError | InternalError e) {
      // A machine without fonts: the picture has no lettering.
    }
    g.dispose();
    return image;
  }

  /** Exactly the aspect ratio, and about the area of a square of the resolution. */
  private static int[] size(@Nullable AspectRatio aspectRatio, @Nullable Resolution resolution) {
    String[] sides = (aspectRatio == null ? "1:1" : aspectRatio.value()).split(":", -1);
    int width = Integer.parseInt(sides[0]);
    int height = Integer.parseInt(sides[1]);
    int side = PIXELS_PER_K * (resolution == null ? 1 : resolution.value().charAt(0) - '0');
    int unit = (int) Math.round(side / Math.sqrt(width * height));
    return new int[] {width * unit, height * unit};
  }

  private static void paintLandscape(Graphics2D g, int width, int height, Random random) {
    float hue = random.nextFloat();
    Color sky = Color.getHSBColor(hue, 0.35f, 0.98f);
    g.setPaint(new GradientPaint(0, 0, sky, 0, height, Color.getHSBColor(hue + 0.1f, 0.15f, 1f)));
    g.fillRect(0, 0, width, height);
    int sun = Math.min(width, height) / 3;
    g.setColor(new Color(255, 214, 92));
    g.fill(new Ellipse2D.Double(random.nextDouble() * (width - sun), height * 0.08, sun, sun));
    for (int hill = 0; hill < 3; hill++) {
      double base = height * (0.55 + 0.13 * hill);
      double swing = height * 0.07;
      double phase = random.nextDouble() * 6;
      Path2D path = new Path2D.Double();
      path.moveTo(0, height);
      for (int step = 0; step <= 40; step++) {
        path.lineTo(width * step / 40.0, base + swing * Math.sin(phase + step / 40.0 * (4 + hill)));
      }
      path.lineTo(width, height);
      path.closePath();
      g.setColor(Color.getHSBColor(0.27f + 0.03f * hill, 0.55f, 0.75f - 0.15f * hill));
      g.fill(path);
    }
  }

  /** Pins the images on like photographs, each in a share of the width. */
  private static void paintSources(
      Graphics2D g, int width, int height, List<BufferedImage> sources) {
    for (int i = 0; i < sources.size(); i++) {
      BufferedImage source = sources.get(i);
      double share = (double) width / sources.size();
      double scale = Math.min(share * 0.7 / source.getWidth(), height * 0.5 / source.getHeight());
      double border = Math.min(width, height) * 0.02;
      AffineTransform upright = g.getTransform();
      g.translate(share * (i + 0.5), height * 0.36);
      g.rotate(Math.toRadians(i % 2 == 0 ? -6 : 5));
      double w = source.getWidth() * scale;
      double h = source.getHeight() * scale;
      g.setColor(Color.WHITE);
      g.fillRect(
          (int) (-w / 2 - border),
          (int) (-h / 2 - border),
          (int) (w + 2 * border),
          (int) (h + 4 * border));
      g.drawImage(source, (int) (-w / 2), (int) (-h / 2), (int) w, (int) h, null);
      g.setTransform(upright);
    }
  }

  private static void letter(Graphics2D g, int width, int height, GenerateImageRequest request) {
    int margin = Math.min(width, height) / 16;
    List<String> lines = List.of();
    FontMetrics metrics = g.getFontMetrics();
    for (int points = Math.max(width, height) / 8; points >= 8; points = points * 7 / 8) {
      g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, points));
      metrics = g.getFontMetrics();
      lines = wrap(request.prompt(), metrics, width - 2 * margin);
      if (lines != null && lines.size() * metrics.getHeight() <= height * 0.28) {
        break;
      }
    }
    if (lines == null) {
      return;
    }
    int y = height - margin - (lines.size() - 1) * metrics.getHeight() - metrics.getDescent();
    for (String line : lines) {
      drawOutlined(g, line, (width - metrics.stringWidth(line)) / 2, y, metrics.getHeight());
      y += metrics.getHeight();
    }
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(9, Math.min(width, height) / 36)));
    drawOutlined(
        g,
        "sandbox: " + request.action() + (request.model() == null ? "" : ", " + request.model()),
        margin / 2,
        margin / 2 + g.getFontMetrics().getAscent(),
        g.getFontMetrics().getHeight());
  }

  /** Breaks a text into lines; null if a word is too wide for one. */
  private static @Nullable List<String> wrap(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.strip().split("\\s+", -1)) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (metrics.stringWidth(longer) <= width) {
        line = longer;
      } else if (metrics.stringWidth(word) > width) {
        return null;
      } else {
        lines.add(line);
        line = word;
      }
    }
    lines.add(line);
    return lines;
  }

  private static void drawOutlined(Graphics2D g, String text, int x, int y, int height) {
    var outline = g.getFont().createGlyphVector(g.getFontRenderContext(), text).getOutline(x, y);
    g.setColor(new Color(20, 30, 50, 190));
    g.setStroke(new BasicStroke(height / 9f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(outline);
    g.setColor(Color.WHITE);
    g.fill(outline);
  }
}
