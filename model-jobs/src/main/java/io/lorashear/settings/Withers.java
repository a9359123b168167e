package io.lorashear.settings;

/**
 * A settings record that can be copied with other values for some of its components:
 *
 * <pre>
 *   settings.with(TrainSettings::rows).as(4).with(TrainSettings::accumulate).as(2)
 * </pre>
 *
 * The copy takes two steps, because with accessor and value in one call Java would infer a common
 * supertype and accept any value. The copy is not checked; {@link Problems#check} does that.
 *
 * @param <R> the record itself
 */
public interface Withers<R extends Record & Withers<R>> {

  /** Begins a copy with another value of this component. */
  default <V> Wither<R, V> with(Accessor<R, V> accessor) {
    @SuppressWarnings("unchecked") // by the bound of R
    var settings = (R) this;
    return new Wither<>(settings, accessor);
  }
}
