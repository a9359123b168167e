package io.lorashear.settings;

/**
 * A key of a settings file, given by the accessors that lead to it: {@code
 * Key.of(PruneSettings::train).then(TrainSettings::rows)} is {@code train.rows}.
 *
 * @param text names separated by dots
 * @param <V> type of its value
 */
public record Key<V>(String text) {

  /** A key at the top level of a file. */
  public static <R, V> Key<V> of(Accessor<R, V> accessor) {
    return new Key<>(accessor.key());
  }

  /** A key inside the group that this key names. */
  public <W> Key<W> then(Accessor<? super V, W> accessor) {
    return new Key<>(text + "." + accessor.key());
  }

  /** The setting {@code key=value}, as {@link Overrides} take it. */
  public String is(V value) {
    return text + "=" + SettingsJson.text(value);
  }
}
