using System.Collections.Concurrent;
using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.CommitProxy;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

/// <summary>A large backlog, which goes to the store over several connections at once.</summary>
public sealed class ParallelDrainTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.PostgreSql))
{
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true) { ChunkSize = 100, ChunksAtOnce = 4 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_becomes_part_of_the_store_in_order()
    {
        Assert.SkipWhen(CitusServer.ConnectionString is not null, "Citus has no one moment over several servers to look at.");
        var overlapped = new ConcurrentQueue<bool>();
        IUsageStore watched = LosesReplies.Around(Store, chunk =>
        {
            overlapped.Enqueue(chunk.After is { IsCompleted: false });
            return false;
        });
        await using UsageQueue queue = Fill(watched, 8_000, i => Numbered(i));
        Task<FlushResult> flush = queue.FlushAsync(Patience, Cancel);
        var seen = new List<string[]>();
        while (!flush.IsCompleted)
            seen.Add((await Test.QueryAsync("SELECT coalesce((SELECT position FROM usage_spools), 0), count(*), coalesce(max((metadata->>'n')::int), 0), (SELECT coalesce(sum(event_count), 0) FROM usage_buckets) FROM billing_usage_records"))[0]);

        Assert.Equal((8_000, 0, 0), (await flush) is var result ? (result.Committed, result.Remaining, result.Duplicates) : default);
        Assert.Contains(true, overlapped);
        // The first so many records, and nothing else, at every moment.
        Assert.All(seen, s => Assert.Single(s.Distinct()));
        Assert.Contains(seen, s => s[0] is not ("0" or "8000"));
        Assert.Equal(["8000", "8000"], (await Test.QueryAsync("SELECT count(DISTINCT metadata->>'n'), (SELECT position FROM usage_spools) FROM billing_usage_records"))[0]);
        Assert.Equal(Enumerable.Range(1, 8_000).Select(n => $"{n}"), (await Test.QueryAsync("SELECT metadata->>'n' FROM billing_usage_records ORDER BY usage_id")).Select(r => r[0]));
    }

    [Fact]
    public async Task A_bad_record_costs_none_of_those_around_it()
    {
        await Test.QueryAsync("ALTER TABLE billing_usage_records ADD CHECK (quantity <> 13)");
        await using UsageQueue queue = Fill(Store, 1_000, i => Numbered(i) with { Quantity = i is 150 or 450 ? 13 : 1 });

        FlushResult flush = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((998, 2, 0), (flush.Committed, flush.Rejected, flush.Remaining));
        Assert.Equal(["150", "450"], (await Test.QueryAsync("SELECT position FROM usage_rejected_records ORDER BY 1")).Select(r => r[0]));
        Assert.Equal("998", await Test.ScalarAsync("SELECT sum(quantity) FROM billing_usage_records"));
    }

    [Fact]
    public async Task Of_records_with_one_key_the_first_is_kept()
    {
        // Each key comes again with another quantity, which is a conflict.
        await using UsageQueue queue = Fill(Store, 2_000, i => Numbered(i, $"k{i % 600}") with { Quantity = i });

        FlushResult flush = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((600, 1_400, 0), (flush.Committed, flush.Rejected, flush.Remaining));
        Assert.Equal("180300", await Test.ScalarAsync("SELECT sum(quantity) FROM billing_usage_records"));
    }

    [Fact]
    public async Task A_lost_reply_doubles_nothing()
    {
        var random = new Random(7);
        await using UsageQueue queue = Fill(LosesReplies.Around(Store, _ => NextIsLost()), 5_000, i => Numbered(i));

        FlushResult flush = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((5_000, 0), (flush.Committed, flush.Remaining));
        Assert.Equal(["5000", "5000"], (await Test.QueryAsync("SELECT count(*), count(DISTINCT metadata->>'n') FROM billing_usage_records"))[0]);

        bool NextIsLost()
        {
            lock (random)
                return random.Next(5) == 0;
        }
    }

    [Fact]
    public async Task Commits_that_are_not_answered_cost_nothing_and_count_nothing_twice()
    {
        using var proxy = new CommitProxy(Test.ConnectionString);
        int commits = 0;
        // Reply, Request, None, and again; a flush gives up at nothing that may pass.
        proxy.AtCommit = () => Interlocked.Increment(ref commits) is var n && n < 30 ? (Cut)(n % 3) : Cut.None;
        await using var store = new PostgresStore(proxy.ConnectionString);
        await using UsageQueue queue = Fill(store, 5_000, i => Numbered(i));

        FlushResult flush = await queue.FlushAsync(Patience, Cancel);

        Assert.Null(flush.Error);
        Assert.Equal((5_000, 0, 0), (flush.Committed, flush.Duplicates, flush.Remaining));
        Assert.Equal(["5000", "5000"], (await Test.QueryAsync("SELECT count(*), count(DISTINCT metadata->>'n') FROM billing_usage_records"))[0]);
    }

    private UsageQueue Fill(IUsageStore store, int count, Func<int, UsageRecord> record)
    {
        var queue = new UsageQueue(store, OnlyOnFlush, new SpoolFolder(Test.SpoolRoot, store.Address));
        for (int i = 1; i <= count; i += 50)
            queue.Add([.. Enumerable.Range(i, 50).Select(record)], Cancel);

        return queue;
    }

    private static UsageRecord Numbered(int number, string? key = null) =>
        Record("api", 1, Utc(2026, 1, 1).AddSeconds(number % 5_000), $"c{number % 3}", string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{number}}}"""), key: key);
}
