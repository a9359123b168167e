package io.lorashear.settings;

import com.google.errorprone.annotations.FormatMethod;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with settings, so that the user sees all of it at once. A settings record
 * may declare {@code void check(Problems problems)} and state there what must hold between its
 * values:
 *
 * <pre>
 *   problems.require(ratio &gt; 0 &amp;&amp; ratio &lt; 1, "ratio is %s: give a share between 0 and 1", ratio);
 * </pre>
 *
 * The message begins with the name of the component it is about. Where the record stands inside
 * another one, the path before it ({@code pruning.}) and the line number are put in by this class.
 */
public final class Problems {
  private record Problem(Place place, String message) {}

  private static final Pattern FIRST_KEY = Pattern.compile("[\\w-]+(?:\\[\\d+]|\\.[\\w-]+)*");

  private final List<Problem> found;
  private final Map<String, Place> places;
  private final Set<String> unusable;
  private final String prefix;

  /** An empty collection for the top of a file. */
  Problems() {
    this(new ArrayList<>(), new HashMap<>(), new HashSet<>(), "");
  }

  private Problems(
      List<Problem> found, Map<String, Place> places, Set<String> unusable, String prefix) {
    this.found = found;
    this.places = places;
    this.unusable = unusable;
    this.prefix = prefix;
  }

  /** The same collection, seen from the record at {@code prefix}: "pruning." or "". */
  Problems inside(String prefix) {
    return new Problems(found, places, unusable, prefix);
  }

  /** Remembers where {@code key}, or the group it was left out of, stands. */
  void place(String key, Place place) {
    places.put(key, place);
  }

  /** From now on complaints about {@code key} are dropped: a worse one is listed already. */
  void unusable(String key) {
    unusable.add(key);
  }

  /** Notes a problem, unless {@code ok}. The format is {@link String#format}'s. */
  @FormatMethod
  public void require(boolean ok, String format, Object... values) {
    if (ok) {
      return;
    }
    var message = values.length == 0 ? format : String.format(format, values);
    var plain = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    var key = key(plain);
    if (key == null) {
      var around = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
      var lead = around.isEmpty() ? "" : around + ": ";
      note(places.getOrDefault(around, Place.NONE), lead + plain);
    } else if (!unusable.contains(key)) {
      note(places.getOrDefault(key, Place.NONE), prefix + plain);
    }
  }

  /**
   * Checks {@code settings}, and the records in them, as if they stood here at a key: what a
   * program makes of a user's settings is held to the same. Nothing is noted twice.
   */
  public <R, S extends Record> void check(Accessor<R, S> key, S settings) {
    inside(prefix + key.key() + ".").checkAll(settings);
  }

  private void checkAll(Record settings) {
    var type = new RecordType(settings.getClass());
    for (var component : type.components()) {
      if (RecordType.value(component, settings) instanceof Record inner) {
        inside(prefix + component.getName() + ".").checkAll(inner);
      }
    }
    try {
      type.check(settings, this);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.type() + " cannot be checked", e);
    }
  }

  private void note(Place place, String message) {
    var problem = new Problem(place, message);
    if (!found.contains(problem)) {
      found.add(problem);
    }
  }

  /** The longest known key that {@code message} begins with, in full. */
  private @Nullable String key(String message) {
    var matcher = FIRST_KEY.matcher(message);
    var key = matcher.lookingAt() ? prefix + matcher.group() : "";
    while (key.length() > prefix.length() && !places.containsKey(key)) {
      key = key.substring(0, Math.max(key.lastIndexOf('.'), 0));
    }
    return key.length() > prefix.length() ? key : null;
  }

  @FormatMethod
  void add(Place place, String format, Object... values) {
    found.add(new Problem(place, String.format(format, values)));
  }

  int count() {
    return found.size();
  }

  /** Nothing, or one exception with every problem on its own line, in the order of the file. */
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
