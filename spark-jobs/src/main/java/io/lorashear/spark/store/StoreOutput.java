package io.lorashear.spark.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of a store as it is written. Up to {@value #SMALL} bytes are held back until the end, so
 * that a small file (a manifest, a mark) is written again if the store fails; the writer of a
 * larger one begins it again himself.
 */
final class StoreOutput extends OutputStream {
  private static final int SMALL = 1 << 20;

  private final StorePath path;
  private final boolean replace;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private @Nullable OutputStream large;
  private boolean closed;

  /**
   * Begins a file.
   *
   * @param replace whether there may be one already
   */
  StoreOutput(StorePath path, boolean replace) {
    this.path = path;
    this.replace = replace;
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    if (large == null && held.size() + count > SMALL) {
      large = Repeated.call(path, this::created);
      held.writeTo(large);
    }
    var target = large == null ? held : large;
    target.write(bytes, from, count);
  }

  private OutputStream created() throws IOException {
    return path.store().hadoop().create(path.hadoop(), replace);
  }

  @Override
  public void write(int next) throws IOException {
    write(new byte[] {(byte) next}, 0, 1);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (large != null) {
      large.close();
      return;
    }
    Repeated.call(path, this::wrote);
  }

  private boolean wrote() throws IOException {
    try (var out = created()) {
      held.writeTo(out);
    }
    return true;
  }
}
