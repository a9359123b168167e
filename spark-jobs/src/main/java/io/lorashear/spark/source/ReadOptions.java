package io.lorashear.spark.source;

import java.io.Serializable;

/**
 * How the records of a source are read.
 *
 * @param textField field of a JSON line that holds the text
 * @param separator what ends a document inside a text file; empty: the file is one document
 * @param sentencesPerDocument lines of a file of sentences that make a document
 * @param firstRecords records taken from the beginning of each file
 * @param recordBytes bytes a record may have, unpacked
 * @param windowBytes memory beyond the heap that unpacking may take
 */
record ReadOptions(
    String textField,
    String separator,
    int sentencesPerDocument,
    long firstRecords,
    int recordBytes,
    long windowBytes)
    implements Serializable {}
