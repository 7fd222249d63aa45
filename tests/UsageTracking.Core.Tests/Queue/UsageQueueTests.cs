using System.Diagnostics;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

public sealed class SqliteQueueTests() : UsageQueueTests(StoreKind.Sqlite, withSpool: true);

public sealed class PostgresQueueTests() : UsageQueueTests(StoreKind.PostgreSql, withSpool: true);

public sealed class MemoryQueueTests() : UsageQueueTests(StoreKind.Sqlite, withSpool: false);

public abstract class UsageQueueTests(StoreKind kind, bool withSpool) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_flush_returns_when_everything_added_is_stored()
    {
        await using var queue = Open(Test.Store, OnlyOnFlush);
        for (int i = 1; i <= 25_000; i++)
            queue.Add(Record("api", i, Utc(2026, 1, 1).AddSeconds(i)), Cancel);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((25_000, 0, 0, 0), (result.Committed, result.Duplicates, result.Rejected, result.Remaining));
        Assert.Null(result.Error);
        Assert.Equal("25000", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("312512500", await Test.ScalarAsync("SELECT CAST(sum(CAST(quantity AS integer)) AS text) FROM billing_usage_records"));
    }

    [Fact]
    public async Task A_full_batch_is_stored_without_a_flush_and_counts_in_the_next_one()
    {
        await using var queue = Open(Test.Store, new QueueSettings(10, TimeSpan.FromHours(1), true));
        for (int i = 0; i < 9; i++)
            queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        await Task.Delay(300, Cancel);
        Assert.Equal(9, queue.Pending);

        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        await UntilAsync(() => queue.Pending == 0);

        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        FlushResult result = await queue.FlushAsync(Patience, Cancel);
        Assert.Equal(11, result.Committed);
        Assert.Equal(0, (await queue.FlushAsync(Patience, Cancel)).Committed);
    }

    [Fact]
    public async Task A_single_record_is_stored_when_the_timeout_has_passed()
    {
        await using var queue = Open(Test.Store, new QueueSettings(100, TimeSpan.FromMilliseconds(300), true));
        long added = Stopwatch.GetTimestamp();
        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);

        await UntilAsync(() => queue.Pending == 0);

        Assert.InRange(Stopwatch.GetElapsedTime(added).TotalMilliseconds, 290, 5_000);
    }

    [Fact]
    public async Task Bad_records_are_set_aside_and_cost_none_of_their_neighbours()
    {
        await Test.QueryAsync(Test.IsPostgres
            ? "ALTER TABLE billing_usage_records ADD CONSTRAINT no_beast CHECK (quantity <> 666)"
            : "CREATE TRIGGER no_beast BEFORE INSERT ON billing_usage_records WHEN new.quantity = '666' BEGIN SELECT raise(ABORT, 'no beast'); END");
        await using var queue = Open(Test.Store, OnlyOnFlush);
        for (int i = 0; i < 1_000; i++)
            queue.Add(Record(i % 100 == 7 ? "unheard-of" : "api", i % 250 == 3 ? 666 : 1, Utc(2026, 1, 1)), Cancel);

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        // 10 of an unknown service (7, 107, ...), 4 refused by the engine (3, 253, 503, 753); none is both.
        Assert.Equal((986, 0, 14, 0), (result.Committed, result.Duplicates, result.Rejected, result.Remaining));
        Assert.Equal(
            ["BadRecord 4", "UnknownService 10"],
            (await Test.QueryAsync("SELECT error_id, count(*) FROM usage_rejected_records GROUP BY error_id ORDER BY error_id")).Select(r => string.Join(' ', r)));
        Assert.Equal(
            "4,254,504,754",
            string.Join(',', (await Test.QueryAsync("SELECT position FROM usage_rejected_records WHERE error_id = 'BadRecord' ORDER BY position")).Select(r => r[0])));
        Assert.Equal("986", await Test.ScalarAsync("SELECT sum(event_count) FROM usage_buckets"));
    }

    [Fact]
    public async Task A_store_without_tables_ends_a_flush_at_once_and_keeps_the_records_until_it_has_them()
    {
        await using TestStore empty = await TestStore.CreateEmptyAsync(kind);
        await using var queue = Open(empty.Store, OnlyOnFlush);
        queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);

        long started = Stopwatch.GetTimestamp();
        FlushResult first = await queue.FlushAsync(Patience, Cancel);
        FlushResult second = await queue.FlushAsync(Patience, Cancel);

        Assert.True(Stopwatch.GetElapsedTime(started) < Patience / 2);
        Assert.Equal(UsageErrorKind.StoreNotReady, first.Error?.Kind);
        Assert.Equal((0, 1), (second.Committed, second.Remaining));
        await empty.Store.InitializeAsync(Cancel);
        Assert.Equal((1, 0), ((await queue.FlushAsync(Patience, Cancel)) is var done ? done.Committed : 0, queue.Pending));
        Assert.Null(queue.LastError);
    }

    [Fact]
    public async Task The_background_says_once_that_it_stopped_and_each_time_that_it_set_records_aside()
    {
        await using TestStore empty = await TestStore.CreateEmptyAsync(kind);
        await using var queue = Open(empty.Store, new QueueSettings(1, TimeSpan.FromHours(1), true));
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        queue.Stopped += (_, error) => told.Enqueue(error.Kind.ToString());
        queue.SetAside += (_, count) => told.Enqueue($"{count} set aside");
        for (int i = 0; i < 3; i++)
        {
            queue.Add(Record("unheard-of", 1, Utc(2026, 1, 1)), Cancel);
            await UntilAsync(() => !told.IsEmpty);
        }

        await Task.Delay(300, Cancel);
        Assert.Equal(["StoreNotReady"], told);

        await empty.Store.InitializeAsync(Cancel);
        queue.Redirect(empty.Store);
        await UntilAsync(() => queue.Pending == 0);
        await UntilAsync(() => told.Count == 2);
        Assert.Equal(["StoreNotReady", "3 set aside"], told);
        Assert.Equal(3, (await queue.FlushAsync(Patience, Cancel)).Rejected);
    }

    [Fact]
    public async Task A_lost_reply_costs_nothing_and_counts_nothing_twice_however_many_records_come_meanwhile()
    {
        int added = 0;
        int losses = 3;
        UsageQueue queue = null!;
        await using IUsageStore store = LosesReplies.Around(Test.Store, _ =>
        {
            // While the reply is on its way more is added: the next chunk would be longer than the one whose fate is unknown.
            AddSome();
            return losses-- > 0;
        });
        queue = Open(store, OnlyOnFlush);
        await using UsageQueue disposed = queue;
        AddSome();

        FlushResult first = await queue.FlushAsync(Patience, Cancel);
        FlushResult second = await queue.FlushAsync(Patience, Cancel);

        Assert.Null(first.Error);
        Assert.Null(second.Error);
        Assert.Equal(0, second.Remaining);
        Assert.Equal(added * 3 / 4, first.Committed + second.Committed);
        Assert.Equal(added / 4, first.Rejected + second.Rejected);
        Assert.Equal($"{added * 3 / 4}", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal($"{added * 3 / 4}", await Test.ScalarAsync("SELECT sum(event_count) FROM usage_buckets"));
        Assert.Equal($"{added / 4}", await Test.ScalarAsync("SELECT count(*) FROM usage_rejected_records"));

        void AddSome()
        {
            if (added >= 40)
                return;

            for (int i = 0; i < 8; i++)
                queue.Add(Record(i % 4 == 0 ? "unheard-of" : "api", 1, Utc(2026, 1, 1)), Cancel);
            added += 8;
        }
    }

    [Fact]
    public async Task Many_threads_may_add_at_once()
    {
        await using var queue = Open(Test.Store, QueueSettings.Default);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 1_000; i++)
                queue.Add(Record("api", 1, Utc(2026, 1, 1), $"c{t}"), Cancel);
        }, Cancel)));

        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((8_000, 0), (result.Committed, result.Remaining));
        Assert.Equal("8000", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
    }

    private UsageQueue Open(IUsageStore store, QueueSettings settings) =>
        new(store, settings, withSpool ? new SpoolFolder(Test.SpoolRoot, store.Address) : null);

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
