package io.lorashear.evaluate;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Questions in the file's order, and how many records were left out for which reason. */
public record Items(List<Item> items, SortedMap<String, Integer> dropped) {

  public Items {
    items = List.copyOf(items);
    dropped = new TreeMap<>(dropped);
  }

  /** The first {@code limit} questions; all of them where {@code limit} is 0. */
  Items first(int limit) {
    return limit == 0 || limit >= items.size() ? this : new Items(items.subList(0, limit), dropped);
  }
}
