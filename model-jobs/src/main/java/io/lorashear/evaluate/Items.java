package io.lorashear.evaluate;

import io.lorashear.run.Sha256;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Questions in the file's order, and the number of dropped records by reason.
 *
 * @param original number of questions before {@link #first} selected some
 */
public record Items(List<Item> items, SortedMap<String, Integer> dropped, int original) {

  public Items {
    items = List.copyOf(items);
    dropped = new TreeMap<>(dropped);
  }

  Items(List<Item> items, SortedMap<String, Integer> dropped) {
    this(items, dropped, items.size());
  }

  /** SHA-256 of all questions. */
  String hash() {
    var text = new StringBuilder();
    for (Item item : items) {
      text.append(item.id()).append('\n').append(item.answer());
      for (TextRequest request : item.requests()) {
        text.append('\n').append(request.context().length()).append(request.context());
        text.append('\n').append(request.continuation().length()).append(request.continuation());
      }
      text.append('\n');
    }
    return Sha256.of(text.toString());
  }

  /** The first {@code limit} questions; all of them if {@code limit} is 0. */
  Items first(int limit) {
    return limit == 0 || limit >= items.size()
        ? this
        : new Items(items.subList(0, limit), dropped, original);
  }
}
