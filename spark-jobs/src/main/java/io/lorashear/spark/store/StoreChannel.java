package io.lorashear.spark.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Reads a file of a store from any position. */
final class StoreChannel implements SeekableByteChannel {
  private static final int STEP = 1 << 16;

  private final StoreInput bytes;
  private final long size;
  private boolean open = true;

  StoreChannel(StoreInput bytes, long size) {
    this.bytes = bytes;
    this.size = size;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    requireOpen();
    var step = new byte[Math.min(STEP, target.remaining())];
    int read = bytes.read(step, 0, step.length);
    if (read > 0) {
      target.put(step, 0, read);
    }
    return read;
  }

  @Override
  public long position() throws IOException {
    requireOpen();
    return bytes.place();
  }

  @Override
  public SeekableByteChannel position(long place) throws IOException {
    requireOpen();
    bytes.seek(place);
    return this;
  }

  @Override
  public long size() throws IOException {
    requireOpen();
    return size;
  }

  private void requireOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long length) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    bytes.close();
  }
}
