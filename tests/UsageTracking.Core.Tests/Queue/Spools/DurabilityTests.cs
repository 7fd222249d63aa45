using System.Diagnostics;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores.Sqlite;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>What is in the file, and when. Nothing is stored meanwhile: there is no store.</summary>
public sealed class DurabilityTests : OnSpoolFolder
{
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true);

    [Theory]
    [InlineData(Durability.Process)]
    [InlineData(Durability.Machine)]
    [InlineData(Durability.Strict)]
    public void What_was_appended_is_in_the_file_when_the_call_returns(Durability durability)
    {
        using SpoolLog log = Folder.Create();
        for (int i = 1; i <= 20; i++)
        {
            log.Append(Numbered(i, 1), QueueSettings.Default with { Durability = durability }, Cancel);
            Assert.Equal(i, InFile(log.Status.Folder!));
        }

        Assert.Equal(Numbered(1, 20), log.Peek(1000).Records);
    }

    [Fact]
    public async Task Syncing_is_possible_at_any_time()
    {
        SpoolLog log = Folder.Create();
        log.Sync();
        log.Append(Numbered(1, 1), OnlyOnFlush, Cancel);
        log.Sync();
        log.Sync();
        log.MarkStored(1);
        log.Sync();
        log.Reset(discard: false);
        log.Sync();
        // Small segments: some are finished, stored and deleted while they are synced.
        QueueSettings small = OnlyOnFlush with { Limit = 256 * 1024 };
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task syncing = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
                log.Sync();
        }, Cancel);
        Task<List<UsageRecord>> reading = Task.Run(() =>
        {
            var all = new List<UsageRecord>();
            while (all.Count < 20_000)
                all.AddRange(ReadAll(log).Records.Select(r => r.Record));

            return all;
        }, Cancel);
        for (int i = 0; i < 20_000; i += 50)
            log.Append(Numbered(i + 1, 50), small, Cancel);

        List<UsageRecord> records = await reading.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await done.CancelAsync();
        await syncing;
        log.Dispose();
        log.Sync();

        Assert.Equal(Numbered(1, 20_000), records);
    }

    [Fact]
    public async Task A_pipeline_that_pauses_after_one_record_has_it_in_the_file()
    {
        await using UsageQueue queue = Open();
        using QueueWriter writer = queue.OpenWriter(Cancel);
        long started = Stopwatch.GetTimestamp();
        writer.Add(Numbered(1, 1)[0], Cancel);
        while (queue.Status[0].Folder is not { } folder || InFile(folder) == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1), "It is not in the file.");
            await Task.Delay(5, Cancel);
        }

        writer.Add(Numbered(2, 1)[0], Cancel);
        writer.Complete(Cancel);
        Assert.Equal((2, 0), (InFile(queue.Status[0].Folder!), writer.Dropped));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(2_500)]
    public async Task A_pipeline_that_breaks_off_keeps_what_it_took(int count)
    {
        await using UsageQueue queue = Open();
        using (QueueWriter writer = queue.OpenWriter(Cancel))
        {
            foreach (UsageRecord record in Numbered(1, count))
                writer.Add(record, Cancel);
        }

        Assert.Equal(count, queue.Pending);
        Assert.Equal(count, InFile(queue.Status[0].Folder!));
    }

    [Fact]
    public async Task A_pipeline_of_large_records_is_written_in_frames_that_can_be_read()
    {
        string large = $$"""{"a":"{{new string('x', Metadata.LargestSize - 8)}}"}""";
        List<UsageRecord> records = [.. Enumerable.Range(1, 400).Select(i => Record("api", i, Utc(2026, 1, 1), metadata: large))];
        await using (UsageQueue queue = Open())
        {
            using QueueWriter writer = queue.OpenWriter(Cancel);
            foreach (UsageRecord record in records)
                writer.Add(record, Cancel);

            writer.Complete(Cancel);
            Assert.All(Segments(queue.Status[0].Folder!), s => Assert.InRange(new FileInfo(s).Length, 1, 8 * 1024 * 1024));
        }

        using SpoolLog log = Adopt(QueueFolder);
        // Some at a time, however many are asked for: they must not fill the memory.
        Assert.InRange(log.Peek(25_000).Records.Count, 100, 399);
        Assert.Equal(records, ReadAll(log).Records.Select(r => r.Record));
    }

    [Fact]
    public async Task With_the_strictest_durability_a_record_is_in_the_file_when_the_writer_has_it()
    {
        await using UsageQueue queue = Open();
        queue.Settings = OnlyOnFlush with { Durability = Durability.Strict };
        using QueueWriter writer = queue.OpenWriter(Cancel);
        for (int i = 1; i <= 5; i++)
        {
            writer.Add(Numbered(i, 1)[0], Cancel);
            Assert.Equal(i, InFile(queue.Status[0].Folder!));
        }
    }

    private SqliteStore Store => new(Path.Combine(Root, "none.db"));

    private SpoolFolder QueueFolder => new(Root, Store.Address);

    private static int InFile(string spool) => Segments(spool).SelectMany(Frames).Sum(f => f.Header.Count);

    private UsageQueue Open() => new(Store, OnlyOnFlush, QueueFolder);
}
