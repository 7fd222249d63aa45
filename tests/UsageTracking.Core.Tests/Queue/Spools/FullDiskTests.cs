using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>A disk without room for the spool; the store is on another.</summary>
public sealed class FullDiskTests() : OnTestStore(() => TestStore.CreateAsync(StoreKind.Sqlite))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly QueueSettings OnlyOnFlush = new(int.MaxValue, TimeSpan.FromHours(1), true);

    [Theory]
    [InlineData(Durability.Process)]
    [InlineData(Durability.Machine)]
    [InlineData(Durability.Strict)]
    public async Task What_was_added_before_the_disk_was_full_is_stored_and_then_there_is_room_again(Durability durability)
    {
        using TinyDisk disk = Mount();
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush with { Durability = durability }, new SpoolFolder(disk.Path, Test.Store.Address));

        (int added, UsageException error) = AddUntilFull(queue, 0);

        Assert.Equal(("SpoolNotWritable", UsageErrorKind.LimitReached), (error.ErrorId, error.Kind));
        Assert.Contains(disk.Path, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("20 records not added", error.Message, StringComparison.Ordinal);
        Assert.Equal(added, queue.Pending);
        Assert.InRange(added, 1_000, 100_000);

        // Nothing else makes room: storing has to.
        FlushResult result = await queue.FlushAsync(Patience, Cancel);
        Assert.Null(result.Error);
        Assert.Equal((added, 0), (result.Committed, result.Remaining));
        AddBatch(queue, ref added);
        Assert.Equal(20, (await queue.FlushAsync(Patience, Cancel)).Committed);
        Assert.Equal(Enumerable.Range(1, added), await DamageTests.QuantitiesAsync(Test));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(3_000)]
    public async Task Adding_works_again_once_somebody_makes_room_and_what_was_refused_was_not_taken(int batch)
    {
        using TinyDisk disk = Mount();
        // Segments of 64 KiB: some of the batches are larger than that.
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush with { Limit = 256 * 1024, FullAction = FullAction.Error }, new SpoolFolder(disk.Path, Test.Store.Address));
        int added = 0;
        Assert.True(queue.Add(Numbered(1, 1), Cancel));
        added++;

        for (int i = 0; i < 3; i++)
        {
            disk.Fill(leave: 0);
            UsageException error = Assert.Throws<UsageException>(() =>
            {
                // A page that is begun has room for some.
                for (int more = 0; more < 1_000; more++)
                {
                    queue.Add(Numbered(added + 1, batch), Cancel);
                    added += batch;
                }
            });
            // Where stored files made room for more, that may have reached the limit.
            string[] refusals = ["SpoolNotWritable", "QueueFull"];
            Assert.Contains(error.ErrorId, refusals);
            Assert.Contains(Assert.Throws<UsageException>(() => queue.Add(Numbered(-5, batch + 200), Cancel)).ErrorId, refusals);

            disk.Free();
            queue.Add(Numbered(added + 1, batch), Cancel);
            added += batch;
            FlushResult result = await queue.FlushAsync(Patience, Cancel);
            Assert.Equal((null, 0), (result.Error?.Message, result.Remaining));
        }

        Assert.Equal(Enumerable.Range(1, added), await DamageTests.QuantitiesAsync(Test));
    }

    [Fact]
    public async Task A_disk_that_is_full_from_the_start_is_said_and_can_be_mended()
    {
        using TinyDisk disk = Mount();
        disk.Fill(leave: 0);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, new SpoolFolder(disk.Path, Test.Store.Address));
        for (int i = 0; i < 2; i++)
            Assert.Equal("SpoolNotWritable", Assert.Throws<UsageException>(() => queue.Add(Numbered(1, 1)[0], Cancel)).ErrorId);

        disk.Free();
        queue.Add(Numbered(1, 1)[0], Cancel);

        Assert.Equal(1, (await queue.FlushAsync(Patience, Cancel)).Committed);
        Assert.Equal([1], await DamageTests.QuantitiesAsync(Test));
    }

    [Fact]
    public async Task What_waits_on_a_full_disk_is_taken_over_from_it()
    {
        using TinyDisk disk = Mount();
        var folder = new SpoolFolder(disk.Path, Test.Store.Address);
        int added;
        await using (var dead = new UsageQueue(Test.Store, OnlyOnFlush, folder))
            (added, _) = AddUntilFull(dead, 0);

        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush, folder);
        FlushResult result = await queue.FlushAsync(Patience, Cancel);

        Assert.Equal((added, 0), (result.Committed, result.Remaining));
        AddBatch(queue, ref added);
        Assert.Equal(20, (await queue.FlushAsync(Patience, Cancel)).Committed);
        Assert.Equal(Enumerable.Range(1, added), await DamageTests.QuantitiesAsync(Test));
    }

    [Theory]
    [InlineData(Durability.Machine)]
    [InlineData(Durability.Strict)]
    public async Task A_disk_that_says_only_later_that_it_is_full_is_said_to_whoever_asked_for_the_disk(Durability durability)
    {
        using ThinDisk? disk = ThinDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        await using var queue = new UsageQueue(Test.Store, OnlyOnFlush with { Durability = durability }, new SpoolFolder(disk!.Path, Test.Store.Address));
        Assert.True(queue.Add(Numbered(1, 1), Cancel));
        disk.Fill();

        // In the background it is found a moment later, and told at the next one.
        UsageException? error = null;
        for (int i = 0; error is null && i < 100; i++)
        {
            error = Record.Exception(() => queue.Add(Numbered(2 + (i * 5_000), 5_000), Cancel)) as UsageException;
            await Task.Delay(20, Cancel);
        }

        Assert.Equal("SpoolNotWritable", error?.ErrorId);
        Assert.Contains("may not survive a power cut", error!.Message, StringComparison.Ordinal);
    }

    private static TinyDisk Mount()
    {
        TinyDisk? disk = TinyDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        return disk!;
    }

    private static (int Added, UsageException Error) AddUntilFull(UsageQueue queue, int added)
    {
        UsageException error = Assert.Throws<UsageException>(() =>
        {
            while (added < 1_000_000)
                AddBatch(queue, ref added);
        });
        return (added, error);
    }

    private static void AddBatch(UsageQueue queue, ref int added)
    {
        queue.Add(Numbered(added + 1, 20), Cancel);
        added += 20;
    }
}
