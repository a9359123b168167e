package io.lorashear.settings;

import java.util.ArrayList;
import java.util.List;

/**
 * Settings in the place of a file's, each of the form {@code key=value}, and who gave them: what is
 * wrong with one is told with the words that the user wrote, and nothing is quoted that nobody
 * wrote. A later one is stronger.
 *
 * @param layers the weakest first
 */
public record Overrides(List<Layer> layers) {

  /**
   * Settings that came together.
   *
   * @param origin words of the command line, or one of the constants below
   */
  record Layer(String origin, List<String> settings) {
    Layer {
      settings = List.copyOf(settings);
    }

    Place place(String setting) {
      if (origin.equals(GIVEN)) {
        return Place.override(GIVEN + " " + setting);
      }
      return origin.equals(IMPLIED) || origin.equals(FIXED) ? Place.NONE : Place.override(origin);
    }
  }

  /** How a user gives one setting. */
  static final String GIVEN = "--set";

  /** Nobody wrote it: it follows from other settings. */
  static final String IMPLIED = "";

  /** The same, and nobody may write another. */
  static final String FIXED = "fixed";

  public Overrides {
    layers = List.copyOf(layers);
  }

  /** Nothing is laid over the file. */
  public static Overrides none() {
    return new Overrides(List.of());
  }

  /** What {@code --set} gives: none of them twice. */
  public static Overrides given(List<String> settings) {
    return none().and(GIVEN, settings);
  }

  /** The same, put together by a program: a later one may take an earlier one's place. */
  static Overrides each(List<String> settings) {
    return new Overrides(
        settings.stream().map(setting -> new Layer(GIVEN, List.of(setting))).toList());
  }

  /** What follows from other settings. */
  public static Overrides implied(List<String> settings) {
    return none().and(IMPLIED, settings);
  }

  /** What follows from other settings, and may not be given as well, unless it is the same. */
  public static Overrides fixed(List<String> settings) {
    return none().and(FIXED, settings);
  }

  /** The setting of {@code key} to a text, whatever is in it. */
  public static String quoted(String key, Object text) {
    return key + "=\"" + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** What another option stands for; {@code option} as it was written, {@code --recipe best}. */
  public static Overrides by(String option, List<String> settings) {
    return none().and(option, settings);
  }

  /** These, and over them the {@code stronger} ones. */
  public Overrides and(Overrides stronger) {
    var all = new ArrayList<>(layers);
    all.addAll(stronger.layers);
    return new Overrides(all);
  }

  private Overrides and(String origin, List<String> settings) {
    return settings.isEmpty() ? this : and(new Overrides(List.of(new Layer(origin, settings))));
  }
}
