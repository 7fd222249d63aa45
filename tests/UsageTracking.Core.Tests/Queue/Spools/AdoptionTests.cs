using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

public sealed class SqliteAdoptionTests() : AdoptionTests(StoreKind.Sqlite)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_went_back_gets_again_what_is_still_there_and_the_rest_is_named(bool hasSegmentsDeleted)
    {
        QueueSettings settings = OnlyOnFlush with { Limit = hasSegmentsDeleted ? 128 * 1024 : 1L << 30 };
        await using var queue = new UsageQueue(Test.Store, settings, Spools);
        var lost = new List<string>();
        queue.Lost += (_, what) => lost.Add(what);
        AddNumbered(queue, 1, 100);
        Assert.Equal(100, (await queue.FlushAsync(Patience, Cancel)).Committed);
        string backup = Test.Store.Address.Path + ".backup";
        await Test.QueryAsync($"VACUUM INTO '{backup}'");
        AddNumbered(queue, 101, 900);
        Assert.Equal(900, (await queue.FlushAsync(Patience, Cancel)).Committed);
        // Files go a moment after the flush.
        string folder = queue.Status[0].Folder!;
        for (int i = 0; i < 100 && hasSegmentsDeleted && Segments(folder).Length > 1; i++)
            await Task.Delay(20, Cancel);

        (Guid spool, int firstKept) = (queue.Status[0].SpoolId, (int)FirstRow(Segments(folder)[0]));
        Assert.Equal(hasSegmentsDeleted, firstKept > 101);

        ReplaceFile(backup);
        Assert.Equal("100", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        AddNumbered(queue, 1_001, 10);
        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Null(result.Error);
        Assert.Equal(0, result.Remaining);
        int next = hasSegmentsDeleted ? firstKept : 101;
        Assert.Equal([.. Enumerable.Range(1, 100), .. Enumerable.Range(next, 1_010 - next + 1)], await StoredAsync());
        if (hasSegmentsDeleted)
        {
            string message = Assert.Single(lost);
            Assert.Contains($"went back to an older state: it no longer has records 101 to {firstKept - 1} of spool {spool}", message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(lost);
        }
    }

    protected override async Task RecreateAsync()
    {
        string path = Test.Store.Address.Path!;
        ReplaceFile(null);
        Assert.False(File.Exists(path));
        await using IUsageStore store = new SqliteStore(path);
        await store.InitializeAsync(Cancel);
    }

    // As between two processes: no open connection keeps the old file.
    private void ReplaceFile(string? by)
    {
        SqliteConnection.ClearAllPools();
        string path = Test.Store.Address.Path!;
        foreach (string file in new[] { path, path + "-wal", path + "-shm" })
            File.Delete(file);

        if (by is not null)
            File.Move(by, path);
    }
}

public sealed class PostgresAdoptionTests() : AdoptionTests(StoreKind.PostgreSql)
{
    protected override async Task RecreateAsync()
    {
        Assert.SkipWhen(CitusServer.ConnectionString is not null, "The extension would go with the schema.");
        await Test.QueryAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        await using IUsageStore store = Test.OpenAgain();
        await store.InitializeAsync(Cancel);
    }
}

/// <summary>Spools of processes that are gone, taken over by a queue in front of a real store.</summary>
public abstract class AdoptionTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    protected static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true);
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected SpoolFolder Spools => new(Test.SpoolRoot, Test.Store.Address);

    /// <summary>Puts a new, empty store at the same address.</summary>
    protected abstract Task RecreateAsync();

    [Fact]
    public async Task The_spool_of_a_dead_process_is_stored_once_and_removed()
    {
        string spool = MakeOrphan(Spools, [3, 4]);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        FlushResult first = await queue.FlushAsync(Patience, Cancel);
        FlushResult second = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((7, 0, 0, 0), (first.Committed, first.Remaining, second.Committed, second.Remaining));
        Assert.Equal(Enumerable.Range(1, 7), await StoredAsync());
        Assert.False(Directory.Exists(spool));
    }

    [Fact]
    public async Task A_spool_is_taken_over_without_a_flush_too_and_counts_as_pending_meanwhile()
    {
        string spool = MakeOrphan(Spools, [3, 4]);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        queue.AdoptOrphans();
        await UntilAsync(() => queue.Pending == 0 && !Directory.Exists(spool));

        Assert.Equal(Enumerable.Range(1, 7), await StoredAsync());
        Assert.Equal(7, (await queue.FlushAsync(Patience, Cancel)).Committed);
    }

    [Fact]
    public async Task The_spool_of_a_living_process_is_left_alone()
    {
        using SpoolLog alive = Spools.Create();
        alive.Append(Numbered(1, 3), OnlyOnFlush, Cancel);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((0, 0), (result.Committed, result.Remaining));
        Assert.Empty(await StoredAsync());
        Assert.Equal(0, queue.Discard(Patience, Cancel));
        Assert.Equal(Numbered(1, 3), alive.Peek(100).Records);
        Assert.True(alive.Append(Numbered(4, 1), OnlyOnFlush, Cancel));
    }

    [Fact]
    public async Task Spools_of_other_stores_are_left_alone()
    {
        await using TestStore other = await TestStore.CreateAsync(kind);
        string theirs = MakeOrphan(new SpoolFolder(Test.SpoolRoot, other.Store.Address), [2]);
        string ours = MakeOrphan(Spools, [3]);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        Assert.Equal(3, (await queue.FlushAsync(Patience, Cancel)).Committed);

        Assert.Equal([1, 2, 3], await StoredAsync());
        Assert.Equal((true, false), (Directory.Exists(theirs), Directory.Exists(ours)));
        await using var theirQueue = new UsageQueue(other.Store, OnlyOnFlush, new SpoolFolder(Test.SpoolRoot, other.Store.Address));
        Assert.Equal(2, (await theirQueue.FlushAsync(Patience, Cancel)).Committed);
        Assert.Equal([1, 2], await DamageTests.QuantitiesAsync(other));
    }

    [Fact]
    public async Task Two_queues_that_race_for_the_same_orphans_store_them_once()
    {
        await using IUsageStore again = Test.OpenAgain();
        await using var one = new UsageQueue(Test.Store, OnlyOnFlush, Spools);
        await using var two = new UsageQueue(again, OnlyOnFlush, Spools);
        int made = 0;
        long committed = 0;
        for (int round = 0; round < 8; round++)
        {
            for (int i = 0; i < 3; i++, made += 5)
            {
                using SpoolLog dead = Spools.Create();
                dead.Append(Numbered(made + 1, 5), OnlyOnFlush, Cancel);
            }

            FlushResult[] results = await Task.WhenAll(Task.Run(() => one.FlushAsync(Patience, Cancel)), Task.Run(() => two.FlushAsync(Patience, Cancel)));

            Assert.All(results, r => Assert.Null(r.Error));
            committed += results.Sum(r => r.Committed);
        }

        await UntilAsync(() => one.Pending + two.Pending == 0);
        Assert.Equal(Enumerable.Range(1, made), (await StoredAsync()).Order());
        Assert.Equal(made, committed);
        await UntilAsync(() => Directory.GetDirectories(Spools.FolderPath).Length == 0);
    }

    [Fact]
    public async Task Two_machines_that_drain_copies_of_one_spool_store_it_once()
    {
        const int Records = 60_000;
        await using IUsageStore again = Test.OpenAgain();
        string clone = Path.Combine(Test.SpoolRoot, "clone");
        MakeOrphan(Spools, Enumerable.Repeat(1_000, Records / 1_000));
        var cloned = new SpoolFolder(clone, Test.Store.Address);
        Copy(Spools.FolderPath, cloned.FolderPath);
        await using var one = new UsageQueue(Test.Store, OnlyOnFlush, Spools);
        await using var two = new UsageQueue(again, OnlyOnFlush, cloned);
        var lost = new ConcurrentQueue<string>();
        one.Lost += (_, what) => lost.Enqueue(what);
        two.Lost += (_, what) => lost.Enqueue(what);

        FlushResult[] results = await Task.WhenAll(Task.Run(() => one.FlushAsync(Patience, Cancel)), Task.Run(() => two.FlushAsync(Patience, Cancel)));

        Assert.All(results, r => Assert.Equal((null, 0), (r.Error?.Message, r.Remaining)));
        Assert.Equal($"{Records}", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal($"{Records}", await Test.ScalarAsync("SELECT count(DISTINCT quantity) FROM billing_usage_records"));
        Assert.Equal($"{Records}", await Test.ScalarAsync("SELECT sum(event_count) FROM usage_buckets"));
        Assert.Empty(lost);
        Assert.Equal((0, 0), (Directory.GetDirectories(Spools.FolderPath).Length, Directory.GetDirectories(cloned.FolderPath).Length));
    }

    [Fact]
    public async Task An_orphan_that_the_store_has_already_is_only_removed()
    {
        string spool = MakeOrphan(Spools, [3, 4]);
        await Test.Store.WriteAsync(new UsageChunk(Guid.Parse(Path.GetFileName(spool)), 0, Numbered(1, 7), true), Cancel);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((0, 0), (result.Committed, result.Remaining));
        Assert.Equal(Enumerable.Range(1, 7), await StoredAsync());
        Assert.False(Directory.Exists(spool));
    }

    [Fact]
    public async Task Of_an_orphan_that_the_store_has_in_part_the_rest_is_stored()
    {
        string spool = MakeOrphan(Spools, [3, 4]);
        await Test.Store.WriteAsync(new UsageChunk(Guid.Parse(Path.GetFileName(spool)), 0, Numbered(1, 5), true), Cancel);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);

        Assert.Equal(2, (await queue.FlushAsync(Patience, Cancel)).Committed);

        Assert.Equal(Enumerable.Range(1, 7), await StoredAsync());
        Assert.False(Directory.Exists(spool));
    }

    [Fact]
    public async Task A_big_orphan_goes_in_order_beside_what_is_added_meanwhile()
    {
        const int Records = 60_000;
        MakeOrphan(Spools, Enumerable.Repeat(1_000, Records / 1_000));
        await using var queue = new UsageQueue(Test.Store, new QueueSettings(1, TimeSpan.FromSeconds(1), true), Spools);
        queue.AdoptOrphans();
        for (int i = 1; i <= 20; i++)
            queue.Add(Record("api", 1_000_000 + i, Utc(2026, 1, 1)), Cancel);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Null(result.Error);
        Assert.Equal((Records + 20, 0), (result.Committed, result.Remaining));
        List<int> stored = await StoredAsync();
        Assert.Equal(Enumerable.Range(1, Records), stored.Where(q => q < 1_000_000));
        Assert.Equal(Enumerable.Range(1_000_001, 20), stored.Where(q => q > 1_000_000));
        Assert.Empty(Directory.GetDirectories(Spools.FolderPath).Except([queue.Status[0].Folder]));
    }

    [Fact]
    public async Task Records_begun_for_a_store_that_was_recreated_are_not_put_into_the_new_one()
    {
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);
        AddNumbered(queue, 1, 3);
        Assert.Equal(3, (await queue.FlushAsync(Patience, Cancel)).Committed);
        AddNumbered(queue, 4, 4);

        await RecreateAsync();
        FlushResult stopped = await queue.FlushAsync(Patience, Cancel);
        AddNumbered(queue, 8, 1);
        FlushResult still = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal(("StoreMismatch", 0, 4), (stopped.Error?.ErrorId, stopped.Committed, stopped.Remaining));
        Assert.Equal(("StoreMismatch", 0, 5), (still.Error?.ErrorId, still.Committed, still.Remaining));
        Assert.Equal("StoreMismatch", queue.LastError?.ErrorId);
        Assert.Empty(await StoredAsync());

        Assert.Equal(5, queue.Discard(Patience, Cancel));
        AddNumbered(queue, 9, 2);
        FlushResult after = await queue.FlushAsync(Patience, Cancel);
        Assert.Null(after.Error);
        Assert.Equal((2, 0), (after.Committed, after.Remaining));
        Assert.Equal([9, 10], await StoredAsync());
        Assert.Null(queue.LastError);
    }

    [Fact]
    public async Task A_store_that_is_recreated_just_before_the_very_first_records_reach_it_does_not_get_them()
    {
        Assert.SkipWhen(Test.IsPostgres && CitusServer.ConnectionString is not null, "The extension would go with the schema.");
        int writes = 0;
        await using IUsageStore store = LosesReplies.Around(Test.Store, _ =>
        {
            if (writes++ == 0)
                RecreateAsync().GetAwaiter().GetResult();

            return false;
        });
        await using var queue = new UsageQueue(store, OnlyOnFlush, Spools);
        AddNumbered(queue, 1, 3);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal(("StoreMismatch", 0, 3), (result.Error?.ErrorId, result.Committed, result.Remaining));
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task A_new_connection_with_nothing_waiting_belongs_to_the_store_as_it_is_now()
    {
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);
        AddNumbered(queue, 1, 3);
        Assert.Equal(3, (await queue.FlushAsync(Patience, Cancel)).Committed);

        await RecreateAsync();
        await using IUsageStore again = Test.OpenAgain();
        queue.Redirect(again);
        AddNumbered(queue, 4, 2);
        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Null(result.Error);
        Assert.Equal([4, 5], await StoredAsync());
    }

    [Fact]
    public async Task An_orphan_of_another_store_at_the_same_address_holds_up_nobody_else()
    {
        using (SpoolLog dead = Spools.Create())
        {
            dead.Append(Numbered(1, 4), OnlyOnFlush, Cancel);
            dead.Bind(Guid.NewGuid());
        }

        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, Spools);
        AddNumbered(queue, 10, 3);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal(("StoreMismatch", 3, 4), (result.Error?.ErrorId, result.Committed, result.Remaining));
        Assert.Equal([10, 11, 12], await StoredAsync());
        Assert.Equal(4, queue.Discard(Patience, Cancel));
        Assert.Null((await queue.FlushAsync(Patience, Cancel)).Error);
        Assert.Equal([10, 11, 12], await StoredAsync());
    }

    protected Task<List<int>> StoredAsync() => DamageTests.QuantitiesAsync(Test);

    protected static void AddNumbered(UsageQueue queue, int first, int count)
    {
        foreach (UsageRecord record in Numbered(first, count))
            Assert.True(queue.Add(record, Cancel));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "It did not happen.");
            await Task.Delay(20, Cancel);
        }
    }
}
