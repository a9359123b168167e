package io.lorashear.spark.store;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.jspecify.annotations.Nullable;

/** The bytes of a file in a store; a connection that breaks is opened again where it broke. */
final class StoreInput extends InputStream {
  private final StorePath path;
  private @Nullable FSDataInputStream bytes;
  private long place;

  /**
   * Opens a file.
   *
   * @throws java.io.FileNotFoundException if there is none
   */
  StoreInput(StorePath path) throws IOException {
    this.path = path;
    Repeated.call(path, this::opened);
  }

  private FSDataInputStream opened() throws IOException {
    var open = bytes;
    if (open == null) {
      open = path.store().hadoop().open(path.hadoop());
      bytes = open;
    }
    if (open.getPos() != place) {
      open.seek(place);
    }
    return open;
  }

  long place() {
    return place;
  }

  void seek(long place) {
    this.place = place;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    int read =
        Repeated.call(
            path,
            () -> {
              try {
                return opened().read(target, from, count);
              } catch (IOException e) {
                drop();
                throw e;
              }
            });
    place += Math.max(0, read);
    return read;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  private void drop() {
    try {
      close();
    } catch (IOException e) {
      // the connection was broken before
    }
  }

  @Override
  public void close() throws IOException {
    if (bytes != null) {
      var open = bytes;
      bytes = null;
      open.close();
    }
  }
}
