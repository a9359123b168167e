package io.lorashear.settings;

import java.util.ArrayList;
import java.util.List;

/**
 * Settings that replace those of a file, each of the form {@code key=value}, with their origin: a
 * message about an override quotes the words that the user wrote, and never words that nobody
 * wrote. A later override takes precedence.
 *
 * @param layers lowest precedence first
 */
public record Overrides(List<Layer> layers) {

  /**
   * Settings with the same origin.
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

  /** Origin of settings that the user did not write: they follow from other settings. */
  static final String IMPLIED = "";

  /** Like {@link #IMPLIED}, and the user may not give a different value. */
  static final String FIXED = "fixed";

  public Overrides {
    layers = List.copyOf(layers);
  }

  /** No overrides. */
  public static Overrides none() {
    return new Overrides(List.of());
  }

  /** The settings of {@code --set}; giving a key twice is a problem. */
  public static Overrides given(List<String> settings) {
    return none().and(GIVEN, settings);
  }

  /** The same, built by a program: a later setting may replace an earlier one. */
  static Overrides each(List<String> settings) {
    return new Overrides(
        settings.stream().map(setting -> new Layer(GIVEN, List.of(setting))).toList());
  }

  /** Settings that follow from other settings. */
  public static Overrides implied(List<String> settings) {
    return none().and(IMPLIED, settings);
  }

  /**
   * Settings that follow from other settings, and that the user may only give with the same value.
   */
  public static Overrides fixed(List<String> settings) {
    return none().and(FIXED, settings);
  }

  /** Sets {@code key} to a text, quoted so that it may contain any characters. */
  public static String quoted(String key, Object text) {
    return key + "=\"" + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /**
   * The settings that another option stands for; {@code option} as the user wrote it: {@code
   * --recipe best}.
   */
  public static Overrides by(String option, List<String> settings) {
    return none().and(option, settings);
  }

  /** These overrides, followed by the {@code stronger} ones, which take precedence. */
  public Overrides and(Overrides stronger) {
    var all = new ArrayList<>(layers);
    all.addAll(stronger.layers);
    return new Overrides(all);
  }

  private Overrides and(String origin, List<String> settings) {
    return settings.isEmpty() ? this : and(new Overrides(List.of(new Layer(origin, settings))));
  }
}
