package io.lorashear.spark.source.record;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** An iterator over the results of {@link #advance}, which is called until it returns null. */
public abstract class Pull<T> implements Iterator<T> {
  private @Nullable T next;
  private boolean finished;

  /** The next element, or null after the last. */
  protected abstract @Nullable T advance() throws IOException;

  @Override
  public boolean hasNext() {
    if (next == null && !finished) {
      try {
        next = advance();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      finished = next == null;
    }
    return next != null;
  }

  @Override
  public T next() {
    var result = hasNext() ? next : null;
    if (result == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return result;
  }
}
