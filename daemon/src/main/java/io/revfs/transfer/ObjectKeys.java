package io.revfs.transfer;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Objects, each once, in few bytes: a million take 18 MB, where a set of keys takes 130. Those of
 * one kind follow each other, in the order of their hashes. Immutable.
 */
public final class ObjectKeys extends AbstractSet<ObjectKey> {
  /** None. */
  public static final ObjectKeys NONE = new ObjectKeys(new byte[0], 1, 0);

  // A row: the algorithm's number, its hash, zeros up to the length of the longest, 1 for a
  // manifest.
  private final byte[] rows;
  private final int width;
  private final int count;

  private ObjectKeys(byte[] rows, int width, int count) {
    this.rows = rows;
    this.width = width;
    this.count = count;
  }

  /** Returns these. */
  static ObjectKeys of(Collection<ObjectKey> keys) {
    return keys instanceof ObjectKeys known ? known : new Builder().addAll(keys).build();
  }

  @Override
  public int size() {
    return count;
  }

  /** Returns the one at a place in the order. */
  public ObjectKey get(int at) {
    int from = at * width;
    Digest.Algorithm algorithm = Digest.Algorithm.ofCode(rows[from]);
    byte[] hash = Arrays.copyOfRange(rows, from + 1, from + 1 + algorithm.bytes());
    return new ObjectKey(Digest.of(algorithm, hash), rows[from + width - 1] == 1);
  }

  /** Returns the place of one in the order; negative if it is not among them. */
  int indexOf(ObjectKey key) {
    if (width < width(key)) {
      return -1;
    }
    byte[] row = new byte[width];
    write(key, row, 0, width);
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int from = middle * width;
      int order = Arrays.compareUnsigned(rows, from, from + width, row, 0, width);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  @Override
  public boolean contains(@Nullable Object key) {
    return key instanceof ObjectKey known && indexOf(known) >= 0;
  }

  /** Returns those at these places. */
  ObjectKeys only(BitSet places) {
    byte[] some = new byte[places.cardinality() * width];
    int to = 0;
    for (int at = places.nextSetBit(0); at >= 0; at = places.nextSetBit(at + 1)) {
      System.arraycopy(rows, at * width, some, to, width);
      to += width;
    }
    return new ObjectKeys(some, width, to / width);
  }

  /** Returns those that are not in another set. */
  ObjectKeys without(Set<ObjectKey> others) {
    if (others.isEmpty()) {
      return this;
    }
    BitSet left = new BitSet(count);
    for (int i = 0; i < count; i++) {
      left.set(i, !others.contains(get(i)));
    }
    return only(left);
  }

  @Override
  public Iterator<ObjectKey> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count;
      }

      @Override
      public ObjectKey next() {
        if (next >= count) {
          throw new NoSuchElementException();
        }
        return get(next++);
      }
    };
  }

  private static int width(ObjectKey key) {
    return 2 + key.digest().algorithm().bytes();
  }

  private static void write(ObjectKey key, byte[] rows, int from, int width) {
    byte[] hash = key.digest().toBytes();
    rows[from] = (byte) key.digest().algorithm().code();
    System.arraycopy(hash, 0, rows, from + 1, hash.length);
    rows[from + width - 1] = (byte) (key.manifest() ? 1 : 0);
  }

  /** Gathers them. For one thread. */
  public static final class Builder {
    private static final int FEW = 12;
    private byte[] rows = new byte[0];
    private int width = 1;
    private int count;

    /** Adds one, which may be there already. */
    public void add(ObjectKey key) {
      if (width(key) > width) {
        widen(width(key));
      }
      if ((count + 1) * width > rows.length) {
        rows = Arrays.copyOf(rows, Math.max(16 * width, Math.addExact(rows.length, rows.length)));
      }
      write(key, rows, count * width, width);
      count++;
    }

    Builder addAll(Collection<ObjectKey> keys) {
      keys.forEach(this::add);
      return this;
    }

    private void widen(int wanted) {
      byte[] wider = new byte[(count + 1) * wanted];
      for (int i = 0; i < count; i++) {
        System.arraycopy(rows, i * width, wider, i * wanted, width - 1);
        wider[(i + 1) * wanted - 1] = rows[(i + 1) * width - 1];
      }
      rows = wider;
      width = wanted;
    }

    /** Returns them; the builder is of no use then. */
    public ObjectKeys build() {
      sort(0, count - 1, new byte[width]);
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (kept == 0 || compare(i, kept - 1) != 0) {
          System.arraycopy(rows, i * width, rows, kept * width, width);
          kept++;
        }
      }
      byte[] all = rows.length == kept * width ? rows : Arrays.copyOf(rows, kept * width);
      return new ObjectKeys(all, width, kept);
    }

    private int compare(int one, int other) {
      return Arrays.compareUnsigned(
          rows, one * width, (one + 1) * width, rows, other * width, (other + 1) * width);
    }

    private int compare(int one, byte[] row) {
      return Arrays.compareUnsigned(rows, one * width, (one + 1) * width, row, 0, width);
    }

    /** Quicksort in place: rows are no objects that the library could sort. */
    private void sort(int first, int last, byte[] scratch) {
      int low = first;
      int high = last;
      while (high - low > FEW) {
        byte[] pivot = Arrays.copyOfRange(rows, middle(low, high), middle(low, high) + width);
        int i = low;
        int j = high;
        while (i <= j) {
          while (compare(i, pivot) < 0) {
            i++;
          }
          while (compare(j, pivot) > 0) {
            j--;
          }
          if (i <= j) {
            swap(i++, j--, scratch);
          }
        }
        // The smaller part first, so that the stack stays small.
        if (j - low < high - i) {
          sort(low, j, scratch);
          low = i;
        } else {
          sort(i, high, scratch);
          high = j;
        }
      }
      for (int i = low + 1; i <= high; i++) {
        for (int j = i; j > low && compare(j - 1, j) > 0; j--) {
          swap(j - 1, j, scratch);
        }
      }
    }

    private int middle(int low, int high) {
      return (low + high) / 2 * width;
    }

    private void swap(int one, int other, byte[] scratch) {
      System.arraycopy(rows, one * width, scratch, 0, width);
      System.arraycopy(rows, other * width, rows, one * width, width);
      System.arraycopy(scratch, 0, rows, other * width, width);
    }
  }
}
