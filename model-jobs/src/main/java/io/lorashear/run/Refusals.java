package io.lorashear.run;

import io.lorashear.InputException;
import java.util.LinkedHashSet;

/** Checks several things that a user gave, and reports all mistakes at once. */
public final class Refusals {
  private Refusals() {}

  /**
   * Runs every check.
   *
   * @param looks checks, each of which may throw an {@link InputException}; other exceptions end
   *     the run
   * @throws InputException with the messages of all failed checks, one per line
   */
  public static void together(Runnable... looks) {
    var refused = new LinkedHashSet<String>();
    InputException first = null;
    for (var look : looks) {
      try {
        look.run();
      } catch (InputException e) {
        first = first == null ? e : first;
        refused.add(String.valueOf(e.getMessage()));
      }
    }
    if (first != null) {
      throw refused.size() == 1
          ? first
          : new InputException(first, "%s", String.join("\n", refused));
    }
  }
}
