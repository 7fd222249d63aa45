using UsageTracking.Stores;

namespace UsageTracking.Queue.Spools;

/// <summary>Reads the records of a spool in order, from where they are not stored yet, and finds what is damaged.</summary>
internal sealed class SpoolReader : IDisposable
{
    // A chunk of records with large metadata must not fill the memory.
    private const int LargestSlice = 16 * 1024 * 1024;

    private readonly TextCache _texts = new();
    private int[] _starts = [];
    private SegmentReader? _file;

    // Where the records begin that are not stored.
    private Place _place;

    // What was read last, which may be on its way, and what was begun to be read after it, into a buffer of its own.
    private Reading _last = new(new(), 0, 0, default);
    private Reading? _ahead;
    private EncodedRecords.Buffer _spare = new();

    /// <summary>The records after those that are stored, valid until the next reading.</summary>
    /// <param name="segments">The segments, in order, with the bytes of each that count.</param>
    /// <param name="stored">How many records are stored.</param>
    /// <param name="appended">How many records there are.</param>
    /// <param name="most">Enough of them; a frame is taken whole.</param>
    public LogSlice Read(IReadOnlyList<(Segment Segment, long Length)> segments, long stored, long appended, int most)
    {
        if (_ahead is { } ahead && ahead.First == stored + 1)
            (_last, _spare) = (ahead, _last.Records);
        else
            _last = new Reading(_last.Records, stored, most, _place);

        _ahead = null;
        Go(segments, _last);
        // What is missing at the very end has no frame after it that shows it.
        if (_last.Records.Count == 0 && _last.Next <= appended)
            _last.Lose(appended, _last.Unread);

        return new LogSlice(_last.Next - 1 - _last.Records.Count, _last.Records.All, _last.Damaged) { Traits = _last.Traits };
    }

    /// <summary>Begins to read what comes after the last reading; the next one, if it is for that, goes on from there.</summary>
    public void ReadAhead(IReadOnlyList<(Segment Segment, long Length)> segments, int most)
    {
        _ahead = new Reading(_spare, _last.Next - 1, most, _last.End);
        Go(segments, _ahead);
    }

    /// <summary>When the oldest record was written that is not stored.</summary>
    public static DateTimeOffset? OldestWaiting(IEnumerable<(Segment Segment, long Length)> segments, long stored)
    {
        foreach ((Segment segment, long length) in segments)
        {
            using var file = new SegmentReader(segment.FilePath);
            long offset = 0;
            for (; file.TryFind(ref offset, length, out FrameHeader header); offset += FrameHeader.Size + header.Length)
            {
                if (header.LastRow > stored)
                    return header.WrittenAt;
            }
        }

        return null;
    }

    /// <summary>The last record that was written whole, found by the headers alone; and whether more was there that cannot be read.</summary>
    public static (long Row, bool IsTailDamaged) LastRow(Segment segment)
    {
        using var file = new SegmentReader(segment.FilePath);
        long last = segment.FirstRow - 1;
        long offset = 0;
        long end = 0;
        while (file.TryFind(ref offset, segment.Length, out FrameHeader header))
        {
            last = header.LastRow;
            end = offset += FrameHeader.Size + header.Length;
        }

        return (last, file.IsTailDamaged(end, segment.Length));
    }

    /// <summary>The records up to a position are stored: the next reading begins after them.</summary>
    public void Forget(long position)
    {
        if (position == _last.Next - 1)
            _place = _last.End;
    }

    /// <summary>The next reading begins at the first segment.</summary>
    public void Rewind()
    {
        _place = default;
        // What was read may still be on its way.
        _last = new Reading(new(), 0, 0, default);
        _ahead = null;
        Close();
    }

    /// <summary>Lets go of a file, so that it can be deleted.</summary>
    public void Close(Segment segment)
    {
        if (_file?.FilePath == segment.FilePath)
            Close();
    }

    public void Dispose() => Close();

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Go(IReadOnlyList<(Segment Segment, long Length)> segments, Reading reading)
    {
        int index = Math.Max(0, segments.ToList().FindIndex(s => s.Segment.FirstRow == reading.End.Segment));
        long offset = index < segments.Count && segments[index].Segment.FirstRow == reading.End.Segment ? reading.End.Offset : 0;
        for (; index < segments.Count && !reading.IsFull; index++, offset = 0)
        {
            (Segment segment, long length) = segments[index];
            if (!ReadSegment(segment, length, ref offset, reading))
                break;

            // What was left over of it cannot be read; where nothing was, a gap before the next segment is a segment that is gone.
            reading.Unread = offset < length ? segment : null;

            reading.End = new Place(segment.FirstRow, offset);
        }
    }

    /// <summary>False where reading has to stop in the middle of the segment.</summary>
    private bool ReadSegment(Segment segment, long length, ref long offset, Reading reading)
    {
        Segment? lostIn = offset == 0 ? reading.Unread : segment;
        if (_file?.FilePath != segment.FilePath)
        {
            Close();
            _file = new SegmentReader(segment.FilePath);
        }

        while (!reading.IsFull)
        {
            long expected = offset;
            if (!_file.TryFind(ref offset, length, out FrameHeader header))
            {
                offset = expected;
                break;
            }

            if (offset > expected)
                lostIn = segment;

            if (header.LastRow >= reading.Next)
            {
                ReadOnlySpan<byte> bytes = _file.Records(offset, header, length);
                bool isWhole = bytes.Length > 0 && TryLook(bytes, header, (int)(Math.Max(reading.Next, header.FirstRow) - header.FirstRow), reading.Traits);
                if (reading.Records.Count > 0 && (header.FirstRow > reading.Next || !isWhole))
                {
                    // Damage begins here: what comes before it is a slice of its own.
                    // At the start of a segment the place stays behind the one before, whose end may be what is damaged.
                    if (expected > 0)
                        reading.End = new Place(segment.FirstRow, expected);

                    return false;
                }

                if (header.FirstRow > reading.Next)
                    reading.Lose(header.FirstRow - 1, lostIn);

                if (isWhole)
                    reading.Take(bytes, _starts.AsSpan(0, header.Count), header);
                else
                    reading.Lose(header.LastRow, segment);
            }

            offset += FrameHeader.Size + header.Length;
            lostIn = segment;
        }

        return true;
    }

    /// <summary>Finds where the records of a frame begin, and what those have that are not stored.</summary>
    private bool TryLook(ReadOnlySpan<byte> bytes, FrameHeader header, int stored, RecordTraits traits)
    {
        // A record takes a byte at least.
        if (header.Count < 0 || header.Count > bytes.Length)
            return false;

        if (header.Count > _starts.Length)
            _starts = new int[Math.Max(header.Count, 1024)];

        try
        {
            int at = 0;
            int count = 0;
            for (; at < bytes.Length && count < header.Count; count++)
            {
                _starts[count] = at;
                (string customer, DateTimeOffset timestamp, bool hasEventKey) = RecordCodec.Look(bytes, ref at, _texts);
                if (count >= stored)
                    traits.Add(customer, timestamp, hasEventKey);
            }

            return count == header.Count && at == bytes.Length;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <param name="Segment">The first row of the segment.</param>
    /// <param name="Offset">A place in it.</param>
    private readonly record struct Place(long Segment, long Offset);

    private sealed class Reading
    {
        private readonly int _most;
        private long _bytes;

        public Reading(EncodedRecords.Buffer records, long stored, int most, Place start)
        {
            records.Clear();
            (Records, First, Next, _most, End) = (records, stored + 1, stored + 1, most, start);
        }

        public EncodedRecords.Buffer Records { get; }

        public long First { get; }

        /// <summary>Where it goes on.</summary>
        public Place End { get; set; }

        /// <summary>The segment read last, where its end could not be read.</summary>
        public Segment? Unread { get; set; }

        public RecordTraits Traits { get; } = new();

        public List<RowRange> Damaged { get; } = [];

        /// <summary>The row that has to come next.</summary>
        public long Next { get; private set; }

        public bool IsFull => Records.Count >= _most || _bytes >= LargestSlice;

        public void Take(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, FrameHeader header)
        {
            // The first of them may be stored already: a chunk can end within a frame.
            Records.Add(bytes, starts, (int)(Next - header.FirstRow));
            Next = header.LastRow + 1;
            _bytes += header.Length;
        }

        public void Lose(long lastRow, Segment? segment)
        {
            Damaged.Add(new RowRange(Next, lastRow, segment?.FilePath));
            Next = lastRow + 1;
            if (segment is not null)
                segment.IsDamaged = true;
        }
    }
}
