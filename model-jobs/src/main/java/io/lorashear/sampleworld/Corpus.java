package io.lorashear.sampleworld;

import java.util.List;
import java.util.Map;

/** What one source wrote: the bytes of its files by path, and every record in them. */
record Corpus(String source, Map<String, byte[]> files, List<Item> items) {}
