using System.Globalization;
using System.Text;
using UsageTracking.Metering;
using UsageTracking.Queue.Spools;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

public sealed class RecordCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_record_comes_back_as_it_was(int seed)
    {
        var random = new Random(seed);
        List<UsageRecord> records = [.. Enumerable.Range(0, 1_000).Select(_ => RandomRecord(random))];
        byte[] bytes = new byte[records.Sum(RecordCodec.LargestSize)];
        random.NextBytes(bytes);
        int written = 0;
        foreach (UsageRecord record in records)
        {
            int size = RecordCodec.Write(record, bytes.AsSpan(written, RecordCodec.LargestSize(record)));
            Assert.InRange(size, 1, RecordCodec.LargestSize(record));
            written += size;
        }

        int at = 0;
        var texts = new TextCache();
        foreach (UsageRecord record in records)
        {
            UsageRecord back = RecordCodec.Read(bytes.AsSpan(0, written), ref at, texts);

            Assert.Equal(record, back);
            // Equal decimals and times may differ in their scale and offset.
            Assert.Equal((Digits(record.Quantity), Digits(record.UnitCost)), (Digits(back.Quantity), Digits(back.UnitCost)));
            Assert.Equal(TimeSpan.Zero, back.Timestamp.Offset);
        }

        Assert.Equal(written, at);
    }

    [Fact]
    public void The_largest_and_the_smallest_values_come_back()
    {
        string full = $$"""{"a":"{{new string('x', Metadata.LargestSize - 8)}}"}""";
        UsageRecord[] records =
        [
            Record("s", decimal.MaxValue, DateTimeOffset.MaxValue, "c", full, decimal.MinValue, ""),
            Record("", 0.0000000000000000000000000001m, DateTimeOffset.MinValue, "", "{}", 0.000m),
            Record("s", decimal.Negate(0m), DateTimeOffset.UnixEpoch) with { HasOwnTimestamp = false, InBytes = true },
        ];
        Assert.Equal(Metadata.LargestSize, records[0].Metadata.Utf8.Length);

        foreach (UsageRecord record in records)
        {
            byte[] bytes = new byte[RecordCodec.LargestSize(record)];
            int written = RecordCodec.Write(record, bytes);
            int at = 0;
            UsageRecord back = RecordCodec.Read(bytes.AsSpan(0, written), ref at, new TextCache());

            Assert.Equal(record, back);
            Assert.Equal((Digits(record.Quantity), Digits(record.UnitCost)), (Digits(back.Quantity), Digits(back.UnitCost)));
            Assert.Equal(written, at);
        }
    }

    [Fact]
    public void A_record_that_breaks_off_is_none()
    {
        UsageRecord record = Record("api", 1.50m, Utc(2026, 1, 1), "acme", """{"a":1}""", 0.25m, "key");
        byte[] bytes = new byte[RecordCodec.LargestSize(record)];
        int size = RecordCodec.Write(record, bytes);

        for (int length = 0; length < size; length++)
        {
            int at = 0;
            Assert.Throws<FormatException>(() => RecordCodec.Read(bytes.AsSpan(0, length), ref at, new TextCache()));
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void What_can_be_looked_at_can_be_read(int seed)
    {
        var random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < 5_000; i++)
        {
            UsageRecord record = RandomRecord(random) with { Metadata = Metadata.Empty };
            byte[] bytes = new byte[RecordCodec.LargestSize(record)];
            int size = RecordCodec.Write(record, bytes);
            for (int flips = random.Next(3); flips > 0; flips--)
                bytes[random.Next(Math.Min(size, 48))] ^= (byte)(1 << random.Next(8));

            (int looked, int read) = (0, 0);
            var texts = new TextCache();
            try
            {
                (string customer, DateTimeOffset time, bool hasKey) = RecordCodec.Look(bytes.AsSpan(0, size), ref looked, texts);
                UsageRecord back = RecordCodec.Read(bytes.AsSpan(0, size), ref read, texts);

                Assert.Equal((back.CustomerId, back.Timestamp, back.EventKey is not null), (customer, time, hasKey));
                Assert.Equal(looked, read);
                whole++;
            }
            catch (FormatException)
            {
                // That Look says it, and not Read, is what matters.
                Assert.Equal(0, read);
            }
        }

        Assert.InRange(whole, 1_500, 4_900);
    }

    // RFC 3720, appendix B.4, and the usual check value.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    [InlineData("1F1E1D1C1B1A191817161514131211100F0E0D0C0B0A09080706050403020100", 0x113FDB5Cu)]
    [InlineData("313233343536373839", 0xE3069283u)]
    [InlineData("", 0u)]
    public void The_checksum_is_CRC_32C(string hex, uint expected) =>
        Assert.Equal(expected, Crc32C.Of(Convert.FromHexString(hex)));

    private static UsageRecord RandomRecord(Random random) => new()
    {
        CustomerId = RandomText(random, 40),
        Service = RandomText(random, 12),
        Quantity = BigNumber.RandomDecimal(random),
        Timestamp = new DateTimeOffset(random.NextInt64(DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero),
        HasOwnTimestamp = random.Next(2) == 0,
        InBytes = random.Next(2) == 0,
        UnitCost = random.Next(2) == 0 ? null : BigNumber.RandomDecimal(random),
        EventKey = random.Next(2) == 0 ? null : RandomText(random, 300),
        Metadata = random.Next(3) switch
        {
            0 => Metadata.Empty,
            1 => Metadata.From(new Dictionary<string, object> { ["k"] = RandomText(random, 20) }, _ => null),
            _ => Metadata.From(new Dictionary<string, object> { [RandomText(random, 5)] = new string('m', random.Next(random.Next(60_000))) }, _ => null),
        },
    };

    private static string RandomText(Random random, int longest)
    {
        var text = new StringBuilder();
        for (int i = random.Next(longest + 1); i > 0; i--)
        {
            text.Append(random.Next(4) switch
            {
                0 => new Rune(random.Next(0x10000, 0x110000)),
                1 => new Rune(random.Next(0x20, 0xD800)),
                _ => new Rune(random.Next(0x20, 0x7F)),
            });
        }

        return text.ToString();
    }

    private static string Digits(decimal? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
