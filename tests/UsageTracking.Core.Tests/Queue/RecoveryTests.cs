using System.Diagnostics;
using Npgsql;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

public sealed class SqliteRecoveryTests() : RecoveryTests(StoreKind.Sqlite);

public sealed class PostgresRecoveryTests() : RecoveryTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task One_connection_is_enough_for_a_chunk_with_new_customers()
    {
        await using var store = new PostgresStore(new NpgsqlConnectionStringBuilder(Test.ConnectionString) { MaxPoolSize = 1, Timeout = 5 }.ToString());
        await using UsageQueue queue = Open(store);
        queue.Add(Record("api", 1, Utc(2026, 1, 1), "new-one"), Cancel);
        queue.Add(Record("api", 1, Utc(2026, 1, 1), "new-two"), Cancel);

        Assert.Equal((2, 0), (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)) is var flush ? (flush.Committed, flush.Remaining) : default);
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_customers WHERE customer_id LIKE 'new-%'"));
    }
}

/// <summary>What goes on by itself once whatever stood in the way is gone.</summary>
public abstract class RecoveryTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly QueueSettings AtOnce = new(1, TimeSpan.FromHours(1), true);

    [Fact]
    public async Task A_stopped_drain_goes_on_when_the_session_finds_the_store_ready()
    {
        await using TestStore empty = await TestStore.CreateEmptyAsync(kind);
        await using var queue = new UsageQueue(empty.Store, AtOnce, new SpoolFolder(Test.SpoolRoot, empty.Store.Address));
        var stopped = new TaskCompletionSource();
        queue.Stopped += (_, _) => stopped.TrySetResult();
        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        await empty.Store.InitializeAsync(Cancel);

        queue.Resume();

        Assert.True(SpinWait.SpinUntil(() => queue.Pending == 0 && queue.LastError is null, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_process_that_was_cloned_loses_nothing_and_says_so()
    {
        await using UsageQueue queue = Open(Store, AtOnce with { BatchSize = int.MaxValue });
        var lost = new List<string>();
        queue.Lost += (_, what) => lost.Add(what);
        AddSome(3);
        Assert.Equal(3, (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)).Committed);
        Guid spool = queue.Status[0].SpoolId;
        // The other one of the two was quicker, and has sent more.
        await Store.WriteAsync(new UsageChunk(spool, 3, [.. Enumerable.Repeat(Record("api", 1, Utc(2026, 1, 1), "clone"), 10)], true), Cancel);

        AddSome(4);
        FlushResult flush = await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Null(flush.Error);
        Assert.Equal("7", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = 'default'"));
        Assert.Equal("10", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = 'clone'"));
        Assert.Contains(spool.ToString(), Assert.Single(lost), StringComparison.Ordinal);
        Assert.NotEqual(spool, queue.Status[0].SpoolId);

        void AddSome(int count)
        {
            for (int i = 0; i < count; i++)
                queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        }
    }

    [Fact]
    public async Task What_waits_under_a_name_of_its_own_is_taken_over_under_that_name()
    {
        var folder = new SpoolFolder(Test.SpoolRoot, Store.Address);
        SpoolLog log = folder.Create();
        log.Append([Record("api", 1, Utc(2026, 1, 1))], QueueSettings.Default, Cancel);
        Guid first = log.SpoolId;
        log.Rename();
        Guid second = log.SpoolId;
        log.Dispose();
        await Store.WriteAsync(new UsageChunk(first, 0, [Record("api", 1, Utc(2026, 1, 1), "clone")], true), Cancel);

        await using UsageQueue queue = Open(Store);
        Assert.Equal(1, (await queue.FlushAsync(TimeSpan.FromSeconds(20), Cancel)).Committed);

        Assert.Equal("1", await Test.ScalarAsync($"SELECT count(*) FROM usage_spools WHERE spool_id = '{second}'"));
        Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = 'default'"));
    }

    [Fact]
    public async Task Waiting_for_room_ends_when_the_caller_gives_up_also_where_the_pause_was_quicker()
    {
        await using TestStore empty = await TestStore.CreateEmptyAsync(kind);
        QueueSettings full = QueueSettings.Default with { BatchSize = int.MaxValue, Limit = 1, FullTimeout = TimeSpan.FromSeconds(20) };
        await using var queue = new UsageQueue(empty.Store, full, new SpoolFolder(Test.SpoolRoot, empty.Store.Address));
        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        using QueueWriter writer = queue.OpenWriter(giveUp.Token);
        writer.Add(Record("api", 1, Utc(2026, 1, 1)), giveUp.Token);
        await Task.Delay(200, Cancel);

        long started = Stopwatch.GetTimestamp();
        Assert.ThrowsAny<OperationCanceledException>(() => writer.Write(giveUp.Token));

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
        Assert.Equal(1, queue.Pending);
    }

    protected UsageQueue Open(IUsageStore store, QueueSettings? settings = null) => new(store, settings ?? AtOnce, new SpoolFolder(Test.SpoolRoot, store.Address));
}
