package io.lorashear.device;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * On what the models of this process ran, in the order in which they were opened, for run records;
 * and once for each kind, as the first comes, for whoever waits.
 */
public final class ModelRuns {
  private static final List<Running> ALL = new ArrayList<>();
  private static Consumer<String> told = text -> {};

  private ModelRuns() {}

  /** Who is told from now on; at first nobody is. */
  public static synchronized void tell(Consumer<String> listener) {
    told = listener;
  }

  /** A model begins, here or on an executor. */
  public static synchronized void begin(Running running) {
    if (!ALL.contains(running)) {
      told.accept("models run " + running.text());
    }
    ALL.add(running);
  }

  /** How many have begun so far. */
  public static synchronized int count() {
    return ALL.size();
  }

  /** The kinds of those that began after the first {@code count}. */
  public static synchronized List<Running> since(int count) {
    return List.copyOf(new LinkedHashSet<>(ALL.subList(count, ALL.size())));
  }
}
