package io.lorashear.settings;

/**
 * A key of a settings file, by the accessors on the way to it: {@code
 * Key.of(PruneSettings::train).then(TrainSettings::rows)} is {@code train.rows}.
 *
 * @param text names with dots between them
 * @param <V> type of its value
 */
public record Key<V>(String text) {

  /** A key at the top of a file. */
  public static <R, V> Key<V> of(Accessor<R, V> accessor) {
    return new Key<>(accessor.key());
  }

  /** A key of the group that stands at this one. */
  public <W> Key<W> then(Accessor<? super V, W> accessor) {
    return new Key<>(text + "." + accessor.key());
  }

  /** The setting {@code key=value}, as {@link Overrides} take it. */
  public String is(V value) {
    return text + "=" + SettingsJson.text(value);
  }
}
