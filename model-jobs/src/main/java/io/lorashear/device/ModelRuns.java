package io.lorashear.device;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the models of this process ran on, in the order in which they were opened, for run records.
 * A listener is told once for each kind, when the first of that kind is opened.
 */
public final class ModelRuns {
  private static final List<Running> ALL = new ArrayList<>();
  private static Consumer<String> told = text -> {};

  private ModelRuns() {}

  /** Sets the listener; initially there is none. */
  public static synchronized void tell(Consumer<String> listener) {
    told = listener;
  }

  /** Records that a model was opened, here or on an executor. */
  public static synchronized void begin(Running running) {
    if (!ALL.contains(running)) {
      told.accept("models run " + running.text());
    }
    ALL.add(running);
  }

  /** How many models were opened so far. */
  public static synchronized int count() {
    return ALL.size();
  }

  /** The kinds of the models opened after the first {@code count}. */
  public static synchronized List<Running> since(int count) {
    return List.copyOf(new LinkedHashSet<>(ALL.subList(count, ALL.size())));
  }
}
