using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>Makes spools as a process that died leaves them, and looks into their files.</summary>
internal static class SpoolFiles
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Records whose quantity is their number in the spool.</summary>
    public static List<UsageRecord> Numbered(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Record("api", i, Utc(2026, 1, 1).AddSeconds(i), metadata: $$"""{"n":{{i}}}"""))];

    /// <summary>A spool that nobody holds, with a frame per count.</summary>
    /// <param name="folder">The spools of the store.</param>
    /// <param name="frames">How many records each frame has.</param>
    /// <param name="limit">A segment is at most a quarter of it.</param>
    /// <returns>Its folder.</returns>
    public static string MakeOrphan(SpoolFolder folder, IEnumerable<int> frames, long limit = 1L << 30)
    {
        using SpoolLog log = folder.Create();
        foreach (int count in frames)
            Assert.True(log.Append(Numbered((int)log.Appended + 1, count), QueueSettings.Default with { Limit = limit, Durability = Durability.Process }, Cancel));

        return log.Status.Folder!;
    }

    public static SpoolLog Adopt(SpoolFolder folder) => Assert.Single(folder.AdoptOrphans(new HashSet<Guid>()));

    public static string[] Segments(string spool) => [.. Directory.GetFiles(spool, "*.seg").Order(StringComparer.Ordinal)];

    /// <summary>The number of the first record of a segment.</summary>
    public static long FirstRow(string segment) => long.Parse(Path.GetFileNameWithoutExtension(segment), CultureInfo.InvariantCulture);

    /// <summary>The frames of a sound segment, by offset.</summary>
    public static List<(int Offset, FrameHeader Header)> Frames(string segment)
    {
        byte[] bytes = File.ReadAllBytes(segment);
        var frames = new List<(int, FrameHeader)>();
        for (int at = 0; at < bytes.Length;)
        {
            Assert.True(FrameHeader.TryRead(bytes.AsSpan(at), out FrameHeader header));
            frames.Add((at, header));
            at += FrameHeader.Size + header.Length;
        }

        return frames;
    }

    public static void Flip(string file, long offset, int bit = 0)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }

    /// <summary>Dates all frames of a spool as a clock would that is wrong by so much.</summary>
    public static void Redate(string spool, TimeSpan by)
    {
        foreach (string segment in Segments(spool))
        {
            byte[] bytes = File.ReadAllBytes(segment);
            foreach ((int offset, FrameHeader header) in Frames(segment))
                (header with { WrittenAt = DateTimeOffset.UtcNow + by }).Write(bytes.AsSpan(offset));

            using FileStream file = new(segment, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.Write(bytes);
        }
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));

        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>Reads a log to its end as a drain does.</summary>
    /// <returns>The records by their numbers, and what was reported as damaged.</returns>
    public static (List<(long Row, UsageRecord Record)> Records, List<RowRange> Damaged) ReadAll(SpoolLog log, int most = 1000)
    {
        var records = new List<(long, UsageRecord)>();
        var damaged = new List<RowRange>();
        while (log.Stored < log.Appended)
        {
            LogSlice slice = log.Peek(most);
            damaged.AddRange(slice.Damaged);
            records.AddRange(slice.Records.Select((record, i) => (slice.From + 1 + i, record)));
            Assert.True(slice.From + slice.Records.Count > log.Stored, "It does not get on.");
            log.MarkStored(slice.From + slice.Records.Count);
        }

        if (log.TailDamage is { } tail)
            damaged.Add(tail);

        return (records, damaged);
    }
}
