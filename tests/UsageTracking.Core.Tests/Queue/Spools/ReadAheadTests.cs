using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using static UsageTracking.Tests.Queue.Spools.SpoolFiles;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>Reading what comes next while what was read before is on its way.</summary>
public sealed class ReadAheadTests : OnSpoolFolder
{
    [Fact]
    public void What_was_read_stays_while_the_next_is_read()
    {
        using SpoolLog log = Folder.Create();
        log.Append(Numbered(1, 10), Small, Cancel);
        log.Append(Numbered(11, 10), Small, Cancel);
        LogSlice first = log.Peek(10);

        log.ReadAhead(10);
        log.ReadAhead(10);

        Assert.Equal(Numbered(1, 10), first.Records);
        log.MarkStored(10);
        Assert.Equal(Numbered(11, 10), log.Peek(10).Records);
    }

    [Fact]
    public void What_was_added_meanwhile_is_read_too()
    {
        using SpoolLog log = Folder.Create();
        log.Append(Numbered(1, 10), Small, Cancel);
        log.Peek(100);
        log.ReadAhead(100);
        log.Append(Numbered(11, 5), Small, Cancel);
        log.ReadAhead(100);
        log.Append([.. Numbered(16, 5).Select(r => r with { CustomerId = "late", EventKey = "k" + r.Quantity })], Small, Cancel);
        log.MarkStored(10);

        LogSlice slice = log.Peek(100);

        Assert.Equal((10, 10), (slice.From, slice.Records.Count));
        Assert.Equal(["default", "late"], slice.Traits.Customers.Order(StringComparer.Ordinal));
        Assert.Equal([Utc(2026, 1, 1)], slice.Traits.Months);
        Assert.True(slice.Traits.HaveEventKeys);
    }

    [Fact]
    public void It_is_not_used_where_the_store_went_back()
    {
        using SpoolLog log = Folder.Create();
        log.Append(Numbered(1, 10), Small, Cancel);
        log.Append(Numbered(11, 10), Small, Cancel);
        log.Peek(10);
        log.ReadAhead(10);
        log.MarkStored(10);
        log.Rewind(5);

        Assert.Equal(Numbered(6, 15), log.Peek(100).Records);
    }

    [Fact]
    public void Damage_in_what_comes_next_is_reported_as_ever()
    {
        using SpoolLog log = Folder.Create();
        for (int i = 0; i < 3; i++)
            log.Append(Numbered(1 + (10 * i), 10), Small, Cancel);

        string segment = Segments(log.Status.Folder!)[0];
        Flip(segment, Frames(segment)[1].Offset + FrameHeader.Size + 3);
        log.Peek(10);
        log.ReadAhead(100);
        log.MarkStored(10);

        LogSlice slice = log.Peek(100);

        Assert.Equal([new RowRange(11, 20, segment)], slice.Damaged);
        Assert.Equal((20, 10), (slice.From, slice.Records.Count));
        Assert.Equal(Numbered(21, 10), slice.Records);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_in_between_every_record_is_read_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        using SpoolLog log = Folder.Create();
        var read = new List<UsageRecord>();
        int added = 0;
        (LogSlice Slice, List<UsageRecord> Expected)? sent = null;
        while (read.Count < 3_000)
        {
            switch (random.Next(5))
            {
                case 0 when added < 3_000 && added - read.Count < 60:
                    int count = Math.Min(random.Next(1, 30), 3_000 - added);
                    log.Append(Numbered(added + 1, count), Small, Cancel);
                    added += count;
                    break;
                case 1 when sent is null && added > read.Count:
                    LogSlice slice = log.Peek(random.Next(1, 50));
                    sent = (slice, Numbered((int)slice.From + 1, slice.Records.Count));
                    Assert.Equal(read.Count, slice.From);
                    break;
                case 2 when sent is not null:
                    log.ReadAhead(random.Next(1, 50));
                    break;
                case 3:
                    log.Tidy();
                    break;
                case 4 when sent is { } there:
                    Assert.Equal(there.Expected, there.Slice.Records);
                    read.AddRange(there.Slice.Records);
                    log.MarkStored(there.Slice.From + there.Slice.Records.Count);
                    sent = null;
                    break;
            }
        }

        Assert.Equal(Numbered(1, 3_000), read);
    }
}
