package io.lorashear.spark.store;

import io.lorashear.settings.Storage;
import io.lorashear.spark.LocalSpark;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk as a distant store at {@code flaky://store/…}: late, and one call in twenty fails.
 */
public final class FlakyStore extends RawLocalFileSystem {
  private static final URI ADDRESS = URI.create("flaky://store");
  private static final Random RANDOM = new Random(7);
  private static final AtomicInteger FAILURES = new AtomicInteger();

  @Override
  public URI getUri() {
    return ADDRESS;
  }

  @Override
  public String getScheme() {
    return ADDRESS.getScheme();
  }

  /** The address of a local folder. */
  static Path at(Path folder) {
    var configuration = LocalSpark.session().sparkContext().hadoopConfiguration();
    configuration.setClass(
        "fs.flaky.impl", FlakyStore.class, org.apache.hadoop.fs.FileSystem.class);
    return Storage.pathOf(ADDRESS + folder.toString());
  }

  /** Calls that have failed. */
  static int failures() {
    return FAILURES.get();
  }

  private static void call() throws IOException {
    double fate;
    synchronized (RANDOM) {
      fate = RANDOM.nextDouble();
    }
    if (fate < 0.05) {
      FAILURES.incrementAndGet();
      throw new IOException("the connection was reset");
    }
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
    call();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
    call();
    return super.listStatus(path);
  }

  @Override
  public boolean mkdirs(org.apache.hadoop.fs.Path path) throws IOException {
    call();
    return super.mkdirs(path);
  }

  @Override
  public boolean delete(org.apache.hadoop.fs.Path path, boolean all) throws IOException {
    call();
    return super.delete(path, all);
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path path, int buffer) throws IOException {
    call();
    return new FSDataInputStream(new Input(super.open(path, buffer)));
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    call();
    var file = super.create(path, permission, overwrite, buffer, replication, block, progress);
    return new FSDataOutputStream(new Output(file), statistics);
  }

  private static final class Input extends FSInputStream {
    private final FSDataInputStream bytes;

    Input(FSDataInputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
      call();
      return bytes.read(target, from, Math.min(count, 10_000));
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public void seek(long place) throws IOException {
      bytes.seek(place);
    }

    @Override
    public long getPos() throws IOException {
      return bytes.getPos();
    }

    @Override
    public boolean seekToNewSource(long place) throws IOException {
      return bytes.seekToNewSource(place);
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }

  private static final class Output extends FilterOutputStream {
    Output(OutputStream bytes) {
      super(bytes);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      call();
      out.write(bytes, from, count);
    }
  }
}
