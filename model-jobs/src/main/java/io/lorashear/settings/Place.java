package io.lorashear.settings;

/** Where a value was written: a line of the file, or the override that gave it. */
record Place(int line, String label) implements Comparable<Place> {

  /** Nowhere in particular: a file that is empty, or no file at all. */
  static final Place NONE = new Place(0, "");

  /** Line numbers start at one. */
  static Place line(int line) {
    return new Place(line, "line " + line);
  }

  /** An override by these words of the command line; listed after all places in the file. */
  static Place override(String words) {
    return new Place(Integer.MAX_VALUE, words);
  }

  @Override
  public int compareTo(Place other) {
    return Integer.compare(line, other.line);
  }
}
