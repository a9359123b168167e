package io.lorashear.settings;

/**
 * A settings record that is copied with other values in some of its components:
 *
 * <pre>
 *   settings.with(TrainSettings::rows).as(4).with(TrainSettings::accumulate).as(2)
 * </pre>
 *
 * Two steps, because Java would widen the type of a value that comes together with its accessor
 * until anything fits. Nothing is checked: {@link Problems#check} does.
 *
 * @param <R> the record itself
 */
public interface Withers<R extends Record & Withers<R>> {

  /** Begins a copy whose value of this component is another. */
  default <V> Wither<R, V> with(Accessor<R, V> accessor) {
    @SuppressWarnings("unchecked") // by the bound of R
    var settings = (R) this;
    return new Wither<>(settings, accessor);
  }
}
