package ai.mountsea.nanobanana.sandbox;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Paints a PNG of a request: a landscape that depends on the prompt, the images of an edit pinned
 * onto it, and the prompt as its caption. The same subject gives the same picture.
 *
 * <p>Painting is cheap, so that a load test of the caller doesn't measure it: the pixels of a
 * landscape are compressed once for each of its few shapes, the prompt chooses the palette, and
 * only the caption is painted anew.
 */
final class Painter {
  static final int MAX_SOURCES = 4;
  private static final int TEXT = Landscape.COLORS * (MAX_SOURCES + 1);
  private static final int TEXT_SHADES = 16;
  private static final int FRAME = TEXT + TEXT_SHADES;
  private static final int PALETTE = FRAME + 1;
  private static final int MAX_KEPT_PIXELS = 32 * 1024 * 1024;

  /**
   * What a picture shows.
   *
   * @param label the small line below the prompt
   * @param sources the images of an edit, of which only the landscapes are shown
   */
  record Subject(String prompt, String label, int width, int height, List<Source> sources) {}

  /** An image that is edited. */
  record Source(String prompt, int width, int height) {}

  private record Layout(int shape, int width, int height, int captionHeight) {}

  /** A part of a zlib stream, which further parts can follow. */
  @SuppressWarnings("ArrayRecordComponent") // Neither changed nor compared.
  private record Deflated(byte[] bytes, long adler, long length) {}

  private final Map<Layout, Deflated> landscapes = new LinkedHashMap<>(16, 0.75f, true);
  private long keptPixels;

  byte[] paint(Subject subject) {
    int seed = subject.prompt().hashCode();
    int captionHeight = (int) Math.min(subject.height() * 0.18, subject.width() * 0.4);
    Layout layout =
        new Layout(shape(seed), subject.width(), subject.height(), Math.max(1, captionHeight));
    List<Source> sources =
        subject.sources().subList(0, Math.min(MAX_SOURCES, subject.sources().size()));
    int[] palette = new int[PALETTE];
    System.arraycopy(Landscape.colors(seed), 0, palette, 0, Landscape.COLORS);
    for (int i = 0; i < sources.size(); i++) {
      int[] colors = Landscape.colors(sources.get(i).prompt().hashCode());
      System.arraycopy(colors, 0, palette, Landscape.COLORS * (i + 1), Landscape.COLORS);
    }
    int caption = Landscape.mix(palette[Landscape.COLORS - 1], 0x101010, 0.55);
    for (int i = 0; i < TEXT_SHADES; i++) {
      palette[TEXT + i] = Landscape.mix(caption, 0xffffff, i / (TEXT_SHADES - 1.0));
    }
    palette[FRAME] = 0xfdfdfa;
    return png(layout, palette, landscape(layout, sources), caption(layout, subject));
  }

  private static int shape(int seed) {
    return Math.floorMod(seed, Landscape.SHAPES);
  }

  private Deflated landscape(Layout layout, List<Source> sources) {
    if (!sources.isEmpty()) {
      return deflatedLandscape(layout, sources);
    }
    synchronized (landscapes) {
      Deflated kept = landscapes.get(layout);
      if (kept != null) {
        return kept;
      }
    }
    Deflated painted = deflatedLandscape(layout, sources);
    synchronized (landscapes) {
      if (landscapes.put(layout, painted) == null) {
        keptPixels += painted.length();
      }
      var eldest = landscapes.entrySet().iterator();
      while (keptPixels > MAX_KEPT_PIXELS && landscapes.size() > 1) {
        keptPixels -= eldest.next().getValue().length();
        eldest.remove();
      }
    }
    return painted;
  }

  private static Deflated deflatedLandscape(Layout layout, List<Source> sources) {
    int height = layout.height() - layout.captionHeight();
    Landscape landscape = new Landscape(layout.shape(), layout.width(), height, 0);
    List<Photo> photos = photos(sources, layout.width(), height);
    Deflation deflation = new Deflation();
    byte[] row = new byte[layout.width()];
    for (int y = 0; y < height; y++) {
      landscape.paintRow(y, row);
      for (Photo photo : photos) {
        photo.paintRow(y, row);
      }
      deflation.addRow(row, 0, row.length);
    }
    return deflation.end(false);
  }

  /** Pins each source into its share of the width. */
  private static List<Photo> photos(List<Source> sources, int width, int height) {
    List<Photo> photos = new ArrayList<>();
    double share = (double) width / Math.max(1, sources.size());
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      double scale = Math.min(share * 0.68 / source.width(), height * 0.62 / source.height());
      int photoWidth = Math.max(1, (int) (source.width() * scale));
      int photoHeight = Math.max(1, (int) (source.height() * scale));
      photos.add(
          new Photo(
              new Landscape(
                  shape(source.prompt().hashCode()),
                  photoWidth,
                  photoHeight,
                  Landscape.COLORS * (i + 1)),
              photoWidth,
              photoHeight,
              share * (i + 0.5),
              height * 0.46,
              Math.toRadians(i % 2 == 0 ? -5 : 4)));
    }
    return photos;
  }

  /** A landscape in a white frame, turned about its center. */
  private record Photo(
      Landscape landscape, int width, int height, double centerX, double centerY, double angle) {
    void paintRow(int y, byte[] row) {
      double border = 0.045 * Math.max(width, height);
      double reach = Math.hypot(width / 2.0 + border, height / 2.0 + 3 * border);
      if (Math.abs(y - centerY) > reach) {
        return;
      }
      double sin = Math.sin(angle);
      double cos = Math.cos(angle);
      int end = (int) Math.min(row.length, centerX + reach);
      for (int x = (int) Math.max(0, centerX - reach); x < end; x++) {
        double u = (x - centerX) * cos + (y - centerY) * sin + width / 2.0;
        double v = (y - centerY) * cos - (x - centerX) * sin + height / 2.0;
        if (u >= 0 && u < width && v >= 0 && v < height) {
          row[x] = landscape.colorAt((int) u, (int) v);
        } else if (u >= -border && u < width + border && v >= -border && v < height + 3 * border) {
          row[x] = (byte) FRAME;
        }
      }
    }
  }

  private static Deflated caption(Layout layout, Subject subject) {
    byte[] shades = new byte[layout.width() * layout.captionHeight()];
    try {
      shades = letter(layout.width(), layout.captionHeight(), subject);
    } catch (RuntimeException | LinkageError | InternalError e) {
      // A machine without fonts: the caption stays empty.
    }
    for (int i = 0; i < shades.length; i++) {
      shades[i] = (byte) (TEXT + (shades[i] & 0xff) * (TEXT_SHADES - 1) / 255);
    }
    Deflation deflation = new Deflation();
    for (int y = 0; y < layout.captionHeight(); y++) {
      deflation.addRow(shades, y * layout.width(), layout.width());
    }
    return deflation.end(true);
  }

  private static byte[] letter(int width, int height, Subject subject) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    int margin = height / 4;
    g.setColor(Color.WHITE);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.max(8, (int) (height * 0.3))));
    FontMetrics metrics = g.getFontMetrics();
    g.drawString(
        shortened(subject.prompt(), metrics, width - 2 * margin), margin, (int) (height * 0.5));
    g.setColor(Color.LIGHT_GRAY);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(7, (int) (height * 0.18))));
    metrics = g.getFontMetrics();
    g.drawString(
        shortened(subject.label(), metrics, width - 2 * margin), margin, (int) (height * 0.8));
    g.dispose();
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  private static String shortened(String text, FontMetrics metrics, int width) {
    String line = text.substring(0, Math.min(text.length(), 300)).strip().replaceAll("\\s+", " ");
    if (metrics.stringWidth(line) <= width && text.length() <= 300) {
      return line;
    }
    while (!line.isEmpty() && metrics.stringWidth(line + '…') > width) {
      line = line.substring(0, line.offsetByCodePoints(line.length(), -1));
    }
    return line.strip() + '…';
  }

  private static byte[] png(Layout layout, int[] palette, Deflated landscape, Deflated caption) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream png = new DataOutputStream(bytes);
      png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
      ByteArrayOutputStream chunk = new ByteArrayOutputStream();
      DataOutputStream data = new DataOutputStream(chunk);
      data.writeInt(layout.width());
      data.writeInt(layout.height());
      data.write(new byte[] {8, 3, 0, 0, 0}); // 8 bits a pixel, which index a palette.
      writeChunk(png, "IHDR", chunk);
      for (int color : palette) {
        data.write(new byte[] {(byte) (color >> 16), (byte) (color >> 8), (byte) color});
      }
      writeChunk(png, "PLTE", chunk);
      data.write(new byte[] {0x78, 0x01});
      data.write(landscape.bytes());
      data.write(caption.bytes());
      data.writeInt((int) adler(landscape, caption));
      writeChunk(png, "IDAT", chunk);
      writeChunk(png, "IEND", chunk);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Nothing here is read or written outside memory.
    }
  }

  /** Writes a chunk and empties its data. */
  private static void writeChunk(DataOutputStream png, String type, ByteArrayOutputStream data)
      throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data.toByteArray());
    png.writeInt(data.size());
    png.write(name);
    data.writeTo(png);
    png.writeInt((int) crc.getValue());
    data.reset();
  }

  /** The Adler-32 checksum of two parts, from those of each. */
  private static long adler(Deflated first, Deflated second) {
    long base = 65521;
    long a = (first.adler() & 0xffff) + (second.adler() & 0xffff) + base - 1;
    long b =
        (first.adler() >> 16)
            + (second.adler() >> 16)
            + second.length() % base * ((first.adler() & 0xffff) + base - 1);
    return (b % base) << 16 | a % base;
  }

  /** Compresses rows of pixels. */
  private static final class Deflation {
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final Adler32 adler = new Adler32();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final byte[] buffer = new byte[8192];
    private long length;
    private byte[] filtered = new byte[0];

    void addRow(byte[] pixels, int from, int count) {
      if (filtered.length != count + 1) {
        filtered = new byte[count + 1]; // The first byte, 0, says that the row is not filtered.
      }
      System.arraycopy(pixels, from, filtered, 1, count);
      adler.update(filtered);
      length += filtered.length;
      deflater.setInput(filtered);
      drain(Deflater.NO_FLUSH);
    }

    Deflated end(boolean isLast) {
      if (isLast) {
        deflater.finish();
      }
      drain(isLast ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH);
      deflater.end();
      return new Deflated(bytes.toByteArray(), adler.getValue(), length);
    }

    private void drain(int flush) {
      int count;
      do {
        count = deflater.deflate(buffer, 0, buffer.length, flush);
        bytes.write(buffer, 0, count);
      } while (count == buffer.length || (count > 0 && flush == Deflater.NO_FLUSH));
    }
  }
}
