package io.lorashear.settings;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with settings, so that the user sees all of it at once. A settings record
 * may declare {@code void check(Problems problems)} and state its constraints there:
 *
 * <pre>
 *   problems.require(ratio &gt; 0 &amp;&amp; ratio &lt; 1, "ratio", "is %s: give a share between 0 and 1", ratio);
 * </pre>
 *
 * Each message begins with the full key as in the file, {@code pruning.ratio}, and gives its line.
 */
public final class Problems {
  private record Problem(Place place, String message) {}

  private final List<Problem> found;
  private final Map<String, Place> places;
  private final Set<String> unusable;
  private final String prefix;
  private final @Nullable RecordType type;

  /** An empty collection for the top of a file. */
  Problems() {
    this(new ArrayList<>(), new HashMap<>(), new HashSet<>(), "", null);
  }

  private Problems(
      List<Problem> found,
      Map<String, Place> places,
      Set<String> unusable,
      String prefix,
      @Nullable RecordType type) {
    this.found = found;
    this.places = places;
    this.unusable = unusable;
    this.prefix = prefix;
    this.type = type;
  }

  /**
   * The same collection, seen from the record of {@code type} at {@code prefix}: "pruning.", "".
   */
  Problems inside(String prefix, RecordType type) {
    return new Problems(found, places, unusable, prefix, type);
  }

  /** Remembers the place of {@code key}, or of the group that lacks it. */
  void place(String key, Place place) {
    places.put(key, place);
  }

  /** Drops further problems of {@code key}, because a more basic one is already listed. */
  void unusable(String key) {
    unusable.add(key);
  }

  /**
   * Notes a problem of one setting, unless {@code ok}.
   *
   * @param key component of the record that is checked, or a key inside one: {@code lora.adapter}
   * @param format the message after the key, in the format of {@link String#format}
   * @throws IllegalStateException if there is no such key, even if {@code ok} is true
   */
  @FormatMethod
  public void require(boolean ok, String key, @FormatString String format, Object... values) {
    if (type == null || !type.has(key)) {
      var checked = type == null ? "a settings file" : type.type();
      throw new IllegalStateException(checked + " has no setting " + key);
    }
    if (!ok) {
      var known = known(prefix + key);
      if (!unusable.contains(known)) {
        var text = prefix + key + " " + String.format(format, values);
        note(places.getOrDefault(known, Place.NONE), text);
      }
    }
  }

  /** Notes a problem of the whole record, unless {@code ok}. */
  @FormatMethod
  public void requireAll(boolean ok, @FormatString String format, Object... values) {
    if (!ok) {
      var group = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
      var lead = group.isEmpty() ? "" : group + ": ";
      note(places.getOrDefault(group, Place.NONE), lead + String.format(format, values));
    }
  }

  /** {@code key}, or the nearest group around it whose place is known. */
  private String known(String key) {
    int dot = key.lastIndexOf('.');
    return places.containsKey(key) || dot < 0 ? key : known(key.substring(0, dot));
  }

  /**
   * Checks {@code settings}, and the records in them, as if the file had them at {@code key}:
   * settings that a program derives from the user's must pass the same checks. No problem is listed
   * twice.
   */
  public <R, S extends Record> void check(Accessor<R, S> key, S settings) {
    checkAll(prefix + key.key() + ".", settings);
  }

  private void checkAll(String at, Record settings) {
    var checked = new RecordType(settings.getClass());
    for (var component : checked.components()) {
      if (RecordType.value(component, settings) instanceof Record inner) {
        checkAll(at + component.getName() + ".", inner);
      }
    }
    try {
      checked.check(settings, inside(at, checked));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(checked.type() + " cannot be checked", e);
    }
  }

  private void note(Place place, String message) {
    var problem = new Problem(place, message);
    if (!found.contains(problem)) {
      found.add(problem);
    }
  }

  @FormatMethod
  void add(Place place, String format, Object... values) {
    found.add(new Problem(place, String.format(format, values)));
  }

  int count() {
    return found.size();
  }

  /**
   * Throws one exception with every problem on its own line, in the order of the file, if there are
   * any.
   */
  void throwIfAny(String subject) {
    if (found.isEmpty()) {
      return;
    }
    Collections.sort(found, Comparator.comparing(Problem::place));
    int width = found.stream().mapToInt(problem -> problem.place.label().length()).max().orElse(0);
    var text = new StringBuilder(subject);
    text.append(found.size() == 1 ? " has 1 problem:" : " has " + found.size() + " problems:");
    for (Problem problem : found) {
      text.append("\n  ").append(problem.place.label());
      text.append(" ".repeat(width - problem.place.label().length()));
      text.append(width == 0 ? "" : "  ").append(problem.message);
    }
    throw new InputException("%s", text);
  }
}
