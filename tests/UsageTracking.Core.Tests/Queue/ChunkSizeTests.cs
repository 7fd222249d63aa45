using System.Collections.Concurrent;
using UsageTracking.Queue;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue;

/// <summary>How many records go to the store at once.</summary>
public sealed class ChunkSizeTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.Sqlite))
{
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true) { ChunkSize = 20_000 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_line_gets_small_chunks(bool isSlow)
    {
        var sizes = new ConcurrentQueue<int>();
        IUsageStore line = LosesReplies.Around(Store, chunk =>
        {
            sizes.Enqueue(chunk.Records.Count);
            // 10,000 records a second.
            if (isSlow)
                Thread.Sleep(TimeSpan.FromMilliseconds(chunk.Records.Count / 10.0));

            return false;
        });
        await using var queue = new UsageQueue(line, OnlyOnFlush);
        foreach (int i in Enumerable.Range(0, 40))
            Assert.True(queue.Add([.. Enumerable.Repeat(Record("api", 1, Utc(2026, 1, 1)), 1_000)], Cancel));

        FlushResult flush = await queue.FlushAsync(TimeSpan.FromSeconds(60), Cancel);

        Assert.Equal((40_000, 0), (flush.Committed, flush.Remaining));
        Assert.Equal(10_000, sizes.First());
        Assert.All(sizes.Skip(1), s => Assert.InRange(s, 1, isSlow ? 5_000 : 20_000));
        Assert.Equal(!isSlow, sizes.Contains(20_000));
    }

    [Fact]
    public async Task Few_records_that_take_long_do_not_make_chunks_small()
    {
        var sizes = new ConcurrentQueue<int>();
        IUsageStore line = LosesReplies.Around(Store, chunk =>
        {
            sizes.Enqueue(chunk.Records.Count);
            if (chunk.Records.Count < 10)
                Thread.Sleep(700);

            return false;
        });
        await using var queue = new UsageQueue(line, OnlyOnFlush);
        foreach (int count in new[] { 3, 9_000 })
        {
            queue.Add([.. Enumerable.Repeat(Record("api", 1, Utc(2026, 1, 1)), count)], Cancel);
            Assert.Equal(count, (await queue.FlushAsync(TimeSpan.FromSeconds(60), Cancel)).Committed);
        }

        Assert.Equal([3, 9_000], sizes);
    }
}
