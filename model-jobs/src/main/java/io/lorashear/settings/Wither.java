package io.lorashear.settings;

/**
 * A settings record and the component whose value is about to change.
 *
 * @param <R> the record's type
 * @param <V> the component's type
 */
public final class Wither<R extends Record, V> {
  private final R settings;
  private final Accessor<R, V> accessor;

  Wither(R settings, Accessor<R, V> accessor) {
    this.settings = settings;
    this.accessor = accessor;
  }

  /** A copy with {@code value} in that component. */
  public R as(V value) {
    return RecordType.with(settings, accessor.key(), value);
  }
}
