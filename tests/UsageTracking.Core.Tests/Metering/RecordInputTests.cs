using UsageTracking.Metering;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Metering;

public sealed class RecordInputTests
{
    private static readonly DateTimeOffset Now = Utc(2026, 1, 30, 16, 45, 23).AddTicks(1_234_567);

    private static readonly TimeZoneInfo London = Zones.Find("Europe/London");

    [Fact]
    public void What_is_left_out_takes_its_default()
    {
        UsageRecord record = Check(new RecordInput { CustomerId = "acme", Service = "api" });

        Assert.Equal(
            new UsageRecord
            {
                CustomerId = "acme",
                Service = "api",
                Quantity = 1m,
                Timestamp = Utc(2026, 1, 30, 16, 45, 23).AddTicks(1_234_560),
                HasOwnTimestamp = false,
                Metadata = Metadata.Empty,
                UnitCost = null,
                EventKey = null,
                InBytes = false,
            },
            record);
    }

    [Fact]
    public void What_is_given_is_read()
    {
        UsageRecord record = Check(new RecordInput
        {
            CustomerId = "acme",
            Service = "Bandwidth",
            Quantity = "1.50",
            Timestamp = TimeInput.Parse("2026-01-30 12:00:00.1234569"),
            Metadata = Metadata.Parse("""{"b":1,"a":2}"""),
            UnitCost = 0.25,
            EventKey = "k",
            InBytes = true,
        });

        Assert.Equal(
            new UsageRecord
            {
                CustomerId = "acme",
                Service = "Bandwidth",
                Quantity = 1.5m,
                Timestamp = Utc(2026, 1, 30, 12).AddTicks(1_234_560),
                HasOwnTimestamp = true,
                Metadata = Metadata.Parse("""{"a":2,"b":1}"""),
                UnitCost = 0.25m,
                EventKey = "k",
                InBytes = true,
            },
            record);
    }

    [Fact]
    public void A_clock_time_is_one_of_the_zone_and_is_kept_in_utc()
    {
        UsageRecord record = Check(Valid(r => r.Timestamp = TimeInput.Parse("2025-07-01 12:00")));

        Assert.Equal(Utc(2025, 7, 1, 11), record.Timestamp);
        Assert.Equal(TimeSpan.Zero, record.Timestamp.Offset);
    }

    [Fact]
    public void A_day_is_its_first_instant() =>
        Assert.Equal(Utc(2025, 6, 30, 23), Check(Valid(r => r.Timestamp = TimeInput.Parse("2025-07-01"))).Timestamp);

    [Fact]
    public void Every_wrong_value_has_its_own_error()
    {
        Assert.Equal("InvalidCustomerId", Refusal(r => r.CustomerId = null));
        Assert.Equal("InvalidCustomerId", Refusal(r => r.CustomerId = "a*"));
        Assert.Equal("UnknownService", Refusal(r => r.Service = null));
        Assert.Equal("UnknownService", Refusal(r => r.Service = " "));
        Assert.Equal("UnknownService", Refusal(r => r.Service = "a\nb"));
        Assert.Equal("UnknownService", Refusal(r => r.Service = "a" + (char)0xDC00));
        Assert.Equal("UnknownService", Refusal(r => r.Service = new string('s', 101)));
        Assert.Equal("InvalidQuantity", Refusal(r => r.Quantity = null));
        Assert.Equal("InvalidQuantity", Refusal(r => r.Quantity = "1,5"));
        Assert.Equal("InvalidQuantity", Refusal(r => r.Quantity = -1));
        Assert.Equal("InvalidUnitCost", Refusal(r => r.UnitCost = ""));
        Assert.Equal("InvalidUnitCost", Refusal(r => r.UnitCost = -1));
        Assert.Equal("InvalidTimestamp", Refusal(r => r.Timestamp = TimeInput.Parse("1979-12-31 23:59:59")));
        Assert.Equal("InvalidTimestamp", Refusal(r => r.Timestamp = TimeInput.At(Now.AddHours(24).AddTicks(1))));
        Assert.Equal("InvalidTimestamp", Refusal(r => r.Timestamp = TimeInput.Parse("2025-03-30 01:30")));
        Assert.Equal("InvalidTimestamp", Refusal(r => r.Timestamp = TimeInput.From(DateTime.MinValue)));
        Assert.Equal("InvalidTimestamp", Refusal(r => r.Timestamp = TimeInput.From(DateTime.MaxValue)));
        Assert.Equal("InvalidEventKey", Refusal(r => r.EventKey = ""));
        Assert.Equal("InvalidEventKey", Refusal(r => r.EventKey = "a\0"));
        Assert.Equal("InvalidEventKey", Refusal(r => r.EventKey = "a" + (char)0xD800));
        Assert.Equal("InvalidEventKey", Refusal(r => r.EventKey = new string('k', 256)));
    }

    [Fact]
    public void The_longest_names_are_kept()
    {
        UsageRecord record = Check(Valid(r =>
        {
            r.Service = new string('s', 100);
            r.EventKey = new string('k', 255);
            r.Timestamp = TimeInput.At(Now.AddHours(24));
        }));

        Assert.Equal((100, 255), (record.Service.Length, record.EventKey!.Length));
    }

    private static UsageRecord Check(RecordInput input) => input.Check(London, Now);

    private static RecordInput Valid(Action<RecordInput> change)
    {
        var input = new RecordInput { CustomerId = "acme", Service = "api" };
        change(input);
        return input;
    }

    private static string Refusal(Action<RecordInput> change) => Assert.Throws<UsageException>(() => Check(Valid(change))).ErrorId;
}
