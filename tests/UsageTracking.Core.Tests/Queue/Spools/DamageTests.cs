using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>What cannot be read is named exactly and kept; the rest is read as it was written.</summary>
public sealed class DamageTests : OnSpoolFolder
{
    private const int Rows = 20;

    // Four segments of three frames of 1, 2 and 2 records: 400 bytes hold no fourth.
    private static readonly int[] FrameSizes = [1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 2, 2];
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("USAGE_TEST_LONG") == "1";

    private readonly string _pristine;
    private int _copies;

    public DamageTests()
    {
        _pristine = Path.Combine(Root, "pristine");
        Segmented = MakeOrphan(FolderIn(_pristine), FrameSizes, limit: 4 * 400);
        Assert.Equal([1, 6, 11, 16], Segments(Segmented).Select(FirstRow));
    }

    private string Segmented { get; }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_last_frame_that_breaks_off_anywhere_costs_nothing_that_came_before(bool isAlone)
    {
        string pristine = Path.Combine(Root, "whole");
        string last = Segments(MakeOrphan(FolderIn(pristine), isAlone ? [.. FrameSizes, 2] : FrameSizes, limit: 4 * 400))[^1];
        (int offset, FrameHeader header) = Frames(last)[^1];
        Assert.Equal(isAlone, offset == 0);
        int length = FrameHeader.Size + header.Length;

        for (int cut = 0; cut < length; cut++)
        {
            SpoolFolder folder = CopyOf(pristine, out string spool);
            using (FileStream file = new(Segments(spool)[^1], FileMode.Open))
                file.SetLength(offset + cut);

            (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadOrphan(folder);

            // A frame that was never finished was never acknowledged.
            Assert.Equal(Numbered(1, (int)header.FirstRow - 1), records.Select(r => r.Record));
            Assert.Empty(damaged);
            AssertSpent(folder, spool, kept: []);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_costs_the_records_of_its_frame_and_names_exactly_those()
    {
        var random = new Random(7);
        int tried = 0;
        for (int index = 0; index < 4; index++)
        {
            List<(int Offset, FrameHeader Header)> frames = Frames(Segments(Segmented)[index]);
            for (int at = 0; at < frames[^1].Offset + FrameHeader.Size + frames[^1].Header.Length; at += IsLong ? 1 : random.Next(1, 10))
            {
                foreach (int bit in IsLong ? Enumerable.Range(0, 8) : [random.Next(8)])
                {
                    SpoolFolder folder = CopyOf(_pristine, out string spool);
                    string file = Segments(spool)[index];
                    Flip(file, at, bit);
                    FrameHeader hit = frames.Last(f => f.Offset <= at).Header;

                    (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadOrphan(folder, most: 1 + random.Next(12));

                    AssertCovered(records, damaged);
                    RowRange range = Assert.Single(damaged);
                    Assert.Equal((hit.FirstRow, hit.LastRow), (range.First, range.Last ?? Rows));
                    Assert.Equal(Path.GetFileName(file), Path.GetFileName(range.File));
                    AssertSpent(folder, spool, kept: [file]);
                    tried++;
                }
            }
        }

        Assert.InRange(tried, 200, 20_000);
    }

    [Fact]
    public void Several_damages_at_once_are_each_named()
    {
        var random = new Random(11);
        for (int i = 0; i < (IsLong ? 5_000 : 40); i++)
        {
            SpoolFolder folder = CopyOf(_pristine, out string spool);
            var lost = new SortedSet<long>();
            for (int hits = random.Next(2, 6); hits > 0; hits--)
            {
                string[] segments = Segments(Segmented);
                int index = random.Next(segments.Length);
                List<(int Offset, FrameHeader Header)> frames = Frames(segments[index]);
                (int offset, FrameHeader header) = frames[random.Next(frames.Count)];
                // The first bit of the checksum of the header, or of the records.
                if (lost.Add(header.FirstRow))
                    Flip(Segments(spool)[index], offset + (random.Next(2) == 0 ? FrameHeader.Size - 4 : FrameHeader.Size + 5));

                for (long row = header.FirstRow; row <= header.LastRow; row++)
                    lost.Add(row);
            }

            (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadOrphan(folder, most: 1 + random.Next(12));

            AssertCovered(records, damaged);
            Assert.Equal(lost, Enumerable.Range(1, Rows).Select(r => (long)r).Except(records.Select(r => r.Row)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_missing_segment_is_named_by_its_records(int index)
    {
        SpoolFolder folder = CopyOf(_pristine, out string spool);
        string[] segments = Segments(spool);
        File.Delete(segments[index]);

        (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadOrphan(folder);

        AssertCovered(records, damaged);
        RowRange range = Assert.Single(damaged);
        Assert.Equal((FirstRow(segments[index]), FirstRow(segments[index + 1]) - 1), (range.First, range.Last));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(36)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public void Zeros_after_the_last_frame_are_what_a_power_cut_leaves_and_no_damage(int zeros)
    {
        SpoolFolder folder = CopyOf(_pristine, out string spool);
        using (FileStream file = new(Segments(spool)[^1], FileMode.Append))
            file.Write(new byte[zeros]);

        (List<(long Row, UsageRecord Record)> records, List<RowRange> damaged) = ReadOrphan(folder);

        Assert.Equal(Numbered(1, Rows), records.Select(r => r.Record));
        Assert.Empty(damaged);
        AssertSpent(folder, spool, kept: []);
    }

    [Theory]
    [InlineData("progress.json")]
    [InlineData("spool.json")]
    public void Damage_to_what_only_informs_costs_no_records(string name)
    {
        string original = Path.Combine(Segmented, name);
        if (name == "progress.json")
            new SpoolProgress(null, 0, "The server is away \u2014 for now.").Write(Segmented, sync: false);

        // A version that is not known is left to the version that knows it.
        int first = File.ReadAllText(original).IndexOf(name == "spool.json" ? "SpoolId" : "{", StringComparison.Ordinal);
        for (int at = first; at < new FileInfo(original).Length; at += IsLong ? 1 : 5)
        {
            SpoolFolder folder = CopyOf(_pristine, out string spool);
            Flip(Path.Combine(spool, name), at, at % 7);

            SpoolStatus status = Assert.Single(SpoolFolder.List(Path.GetDirectoryName(folder.FolderPath)!, new HashSet<Guid>()));
            Assert.InRange(status.Records, 0, Rows);
            using SpoolLog log = Adopt(folder);
            // The position that counts is the store's.
            log.Rewind(0);
            Assert.Equal(Numbered(1, Rows), ReadAll(log).Records.Select(r => r.Record));
        }
    }

    [Fact]
    public async Task A_drain_stores_the_rest_once_names_what_is_lost_and_keeps_the_file()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        var folder = new SpoolFolder(test.SpoolRoot, test.Store.Address);
        string spool = MakeOrphan(folder, FrameSizes, limit: 4 * 400);
        string file = Segments(spool)[1];
        (int offset, FrameHeader header) = Frames(file)[1];
        Flip(file, offset + FrameHeader.Size + 20);
        byte[] damaged = await File.ReadAllBytesAsync(file, Cancel);
        await using var queue = new UsageQueue(test.Store, QueueSettings.Default, folder);
        var lost = new List<string>();
        queue.Lost += (_, what) => lost.Add(what);

        FlushResult result = await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal((7, 8), (header.FirstRow, header.LastRow));
        Assert.Equal((18, 0), (result.Committed, result.Remaining));
        Assert.Null(result.Error);
        string message = Assert.Single(lost);
        Assert.StartsWith($"Records 7 to 8 of spool {Path.GetFileName(spool)} cannot be read: the file {Path.GetFileName(file)} is damaged.", message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4, 5, 6, .. Enumerable.Range(9, 12)], await QuantitiesAsync(test));
        string kept = Assert.Single(Directory.GetFiles(Path.Combine(folder.FolderPath, "damaged")));
        Assert.Contains(Path.GetFileName(file), kept, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(kept, Cancel));
        Assert.False(Directory.Exists(spool));
    }

    [Fact]
    public async Task A_drain_names_a_single_record_and_damage_at_the_very_end_beside_damage_in_the_middle()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        var folder = new SpoolFolder(test.SpoolRoot, test.Store.Address);
        string[] segments = Segments(MakeOrphan(folder, FrameSizes, limit: 4 * 400));
        // Record 6; and of the last frame, 19 and 20, not even how many they were can be read.
        Flip(segments[1], FrameHeader.Size + 3);
        Flip(segments[3], Frames(segments[3])[^1].Offset + 9);
        await using var queue = new UsageQueue(test.Store, QueueSettings.Default, folder);
        var lost = new List<string>();
        queue.Lost += (_, what) => lost.Add(what.Split(" of ")[0]);

        FlushResult result = await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal((17, 0), (result.Committed, result.Remaining));
        Assert.Equal(["Record 6", "Records from 19 on"], lost.Order(StringComparer.Ordinal));
        Assert.Equal([1, 2, 3, 4, 5, .. Enumerable.Range(7, 12)], await QuantitiesAsync(test));
        Assert.Equal(
            [Path.GetFileName(segments[1]), Path.GetFileName(segments[3])],
            Directory.GetFiles(Path.Combine(folder.FolderPath, "damaged")).Select(f => Path.GetFileName(f)[37..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Damage_to_the_spool_of_a_living_process_is_named_and_it_goes_on()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        var folder = new SpoolFolder(test.SpoolRoot, test.Store.Address);
        await using var queue = new UsageQueue(test.Store, new QueueSettings(int.MaxValue, TimeSpan.FromHours(1), true), folder);
        var lost = new List<string>();
        queue.Lost += (_, what) => lost.Add(what.Split(" of ")[0]);
        for (int i = 1; i <= 5; i++)
            queue.Add(Numbered(i, 1)[0], Cancel);
        string file = Segments(queue.Status[0].Folder!)[0];
        List<(int Offset, FrameHeader Header)> frames = Frames(file);
        Flip(file, frames[2].Offset + FrameHeader.Size + 3);
        Flip(file, frames[4].Offset + 1);

        FlushResult first = await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel);
        queue.Add(Numbered(6, 1)[0], Cancel);
        FlushResult second = await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal((3, 0, 1, 0), (first.Committed, first.Remaining, second.Committed, second.Remaining));
        Assert.Equal(["Record 3", "Record 5"], lost);
        Assert.Equal([1, 2, 4, 6], await QuantitiesAsync(test));
    }

    [Fact]
    public async Task A_damaged_file_that_cannot_be_moved_is_not_deleted()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        var folder = new SpoolFolder(test.SpoolRoot, test.Store.Address);
        string file = Segments(MakeOrphan(folder, FrameSizes))[0];
        Flip(file, FrameHeader.Size + 3);
        byte[] damaged = await File.ReadAllBytesAsync(file, Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder.FolderPath, "damaged"), "in the way", Cancel);
        await using (var queue = new UsageQueue(test.Store, QueueSettings.Default, folder))
            Assert.Equal(19, (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)).Committed);

        Assert.Contains(
            Directory.GetFiles(folder.FolderPath, "*.seg", SearchOption.AllDirectories),
            f => File.ReadAllBytes(f).AsSpan().SequenceEqual(damaged));
    }

    internal static async Task<List<int>> QuantitiesAsync(TestStore test) =>
        [.. (await test.QueryAsync("SELECT quantity FROM billing_usage_records ORDER BY usage_id"))
            .Select(r => (int)decimal.Parse(r[0], CultureInfo.InvariantCulture))];

    private static (List<(long Row, UsageRecord Record)> Records, List<RowRange> Damaged) ReadOrphan(SpoolFolder folder, int most = 1000)
    {
        using SpoolLog log = Adopt(folder);
        return ReadAll(log, most);
    }

    /// <summary>Every record was either read, and is what was written, or is named as damaged; none is both.</summary>
    private static void AssertCovered(List<(long Row, UsageRecord Record)> records, List<RowRange> damaged)
    {
        List<UsageRecord> written = Numbered(1, Rows);
        Assert.All(records, r => Assert.Equal(written[(int)r.Row - 1], r.Record));
        IEnumerable<long> named = damaged.SelectMany(d => Enumerable.Range((int)d.First, (int)((d.Last ?? Rows) - d.First + 1)).Select(i => (long)i));
        Assert.Equal(Enumerable.Range(1, Rows).Select(i => (long)i), records.Select(r => r.Row).Concat(named).Order());
    }

    private static void AssertSpent(SpoolFolder folder, string spool, string[] kept)
    {
        Assert.False(Directory.Exists(spool));
        string damaged = Path.Combine(folder.FolderPath, "damaged");
        Assert.Equal(
            kept.Select(f => $"{Path.GetFileName(spool)}-{Path.GetFileName(f)}"),
            Directory.Exists(damaged) ? Directory.GetFiles(damaged).Select(f => Path.GetFileName(f)) : []);
    }

    private SpoolFolder CopyOf(string root, out string spool)
    {
        string copy = Path.Combine(Root, $"copy{++_copies}");
        Copy(root, copy);
        SpoolFolder folder = FolderIn(copy);
        spool = Assert.Single(Directory.GetDirectories(folder.FolderPath));
        return folder;
    }
}
