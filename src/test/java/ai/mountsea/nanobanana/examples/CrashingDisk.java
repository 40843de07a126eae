package ai.mountsea.nanobanana.examples;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The default file system, with a {@link CrashPoints} step at each create, write, force, move and
 * delete. When the power is lost, files are cut to what was forced, and moves are undone whose
 * folder wasn't.
 */
final class CrashingDisk extends FileSystemProvider {
  private record Move(Path from, Path to) {}

  private final CrashPoints points;
  private final FileSystem real = FileSystems.getDefault();
  private final FileSystem crashing = new CrashingFileSystem();
  private final Map<Path, Long> forcedSizes = new HashMap<>();
  private final List<Move> moves = new ArrayList<>();

  CrashingDisk(CrashPoints points) {
    this.points = points;
  }

  /** A path whose files are on this disk. */
  Path path(Path path) {
    return (Path)
        Proxy.newProxyInstance(
            Path.class.getClassLoader(),
            new Class<?>[] {Path.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getFileSystem")) {
                return crashing;
              }
              Object[] unwrapped =
                  arguments == null
                      ? null
                      : Arrays.stream(arguments)
                          .map(it -> it instanceof Path other ? real(other) : it)
                          .toArray();
              try {
                Object result = method.invoke(path, unwrapped);
                return result instanceof Path other ? path(other) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** What the disk has after the power was lost. */
  synchronized void losePower() throws IOException {
    Collections.reverse(moves);
    for (Move move : moves) {
      Files.move(move.to(), move.from(), StandardCopyOption.REPLACE_EXISTING);
      moved(move.to(), move.from());
    }
    for (Map.Entry<Path, Long> file : forcedSizes.entrySet()) {
      if (Files.exists(file.getKey())) {
        try (FileChannel channel = FileChannel.open(file.getKey(), StandardOpenOption.WRITE)) {
          channel.truncate(file.getValue());
        }
      }
    }
  }

  private Path real(Path path) {
    return path.getFileSystem() == crashing ? real.getPath(path.toString()) : path;
  }

  private synchronized void forced(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      moves.removeIf(move -> move.to().getParent().equals(path));
    } else {
      forcedSizes.put(path, Files.size(path));
    }
  }

  private void moved(Path from, Path to) {
    Long forced = forcedSizes.remove(from);
    if (forced != null) {
      forcedSizes.put(to, forced);
    }
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path file = real(path);
    boolean isNew = Files.notExists(file);
    FileChannel channel;
    if (isNew && options.contains(StandardOpenOption.WRITE)) {
      channel =
          points.step("create " + name(file), () -> FileChannel.open(file, options, attributes));
    } else {
      channel = FileChannel.open(file, options, attributes);
    }
    if (!Files.isDirectory(file)) {
      synchronized (this) {
        forcedSizes.putIfAbsent(file, Files.size(file));
      }
    }
    return new CrashingChannel(file, channel, options.contains(StandardOpenOption.SYNC));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    points.step("create " + name(folder), () -> Files.createDirectory(real(folder), attributes));
  }

  @Override
  public void delete(Path path) throws IOException {
    points.step(
        "delete " + name(path),
        () -> {
          Files.delete(real(path));
          return null;
        });
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    points.step(
        "move " + name(target),
        () -> {
          Path from = real(source);
          Path to = real(target);
          Files.move(from, to, options);
          synchronized (this) {
            moved(from, to);
            moves.add(new Move(from, to));
          }
          return null;
        });
  }

  private static String name(Path path) {
    return path.getFileName().toString().replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "*");
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> stream =
        Files.newDirectoryStream(real(folder), path -> filter.accept(path(path)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        List<Path> paths = new ArrayList<>();
        stream.forEach(path -> paths.add(path(path)));
        return paths.iterator();
      }

      @Override
      public void close() throws IOException {
        stream.close();
      }
    };
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.provider().checkAccess(real(path), modes);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return Files.readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return Files.readAttributes(real(path), attributes, options);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return Files.getFileAttributeView(real(path), type, options);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return Files.isSameFile(real(path), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return Files.isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return Files.getFileStore(real(path));
  }

  @Override
  public String getScheme() {
    return "crashing";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return crashing;
  }

  @Override
  public Path getPath(URI uri) {
    return path(Path.of(uri));
  }

  private final class CrashingChannel extends FileChannel {
    private final Path path;
    private final FileChannel channel;
    private final boolean isSync;

    CrashingChannel(Path path, FileChannel channel, boolean isSync) {
      this.path = path;
      this.channel = channel;
      this.isSync = isSync;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return points.step(
          "write " + name(path),
          () -> {
            ByteBuffer half = bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2);
            return written(channel.write(half));
          },
          () -> written(channel.write(bytes)));
    }

    private int written(int count) throws IOException {
      if (isSync) {
        forced(path);
      }
      return count;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      points.step(
          "force " + name(path),
          () -> {
            channel.force(metadata);
            forced(path);
            return null;
          });
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return channel.read(bytes);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean isShared) throws IOException {
      return channel.tryLock(position, size, isShared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
    }

    @Override
    public FileLock lock(long position, long size, boolean isShared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] buffers, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer bytes, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer bytes, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }
  }

  private final class CrashingFileSystem extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return CrashingDisk.this;
    }

    @Override
    public Path getPath(String first, String... more) {
      return path(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      PathMatcher matcher = real.getPathMatcher(pattern);
      return path -> matcher.matches(real(path));
    }

    @Override
    public String getSeparator() {
      return real.getSeparator();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return real.supportedFileAttributeViews();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
