using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Readings;

public sealed class ReadingInputTests
{
    private static readonly DateTimeOffset Now = Records.Utc(2026, 6, 3, 12);
    private static readonly ServiceCatalogue Catalogue = new(BuiltInServices.All.Select(s => s.Service), ServiceCatalogue.DecimalGigabyte);

    [Fact]
    public void What_is_left_out_has_a_default()
    {
        MeterReading reading = Check(ReadingKind.Remaining, false, "96.5");

        Assert.Equal(("c", "bandwidth", "default", ReadingKind.Remaining, Now, 96.5m),
            (reading.CustomerId, reading.Service.Name, reading.Meter, reading.Kind, reading.ReadAt, reading.Value));
        Assert.Equal("the reading 96.5 GB remaining of the meter 'default' at 2026-06-03 12:00:00Z", reading.ToString());
    }

    [Theory]
    [InlineData("60123456789", "60.123456789")]
    [InlineData("39999999999", "39.999999999")]
    [InlineData("0", "0")]
    public void Bytes_become_gigabytes_of_the_store(string bytes, string expected) =>
        Assert.Equal(expected, Check(ReadingKind.Total, true, bytes).Value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void The_service_is_named_as_in_the_catalogue_and_the_time_read_in_the_zone()
    {
        MeterReading reading = Check(ReadingKind.Total, false, 7, i =>
        {
            i.Service = "API";
            i.Meter = "line 1";
            i.Timestamp = TimeInput.Parse("2026-06-01 05:30:00.1234567");
        });

        Assert.Equal(("api", "line 1", Records.Utc(2026, 6, 1, 4, 30).AddTicks(1234560)), (reading.Service.Name, reading.Meter, reading.ReadAt));
    }

    [Theory]
    [InlineData("1,5")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("-1")]
    [InlineData("much")]
    public void What_is_no_number_is_an_error(object? value) => Cultures.In("de-DE", () => Refuses("InvalidQuantity", () => Check(ReadingKind.Remaining, false, value)));

    [Fact]
    public void Other_mistakes_have_their_own_ids()
    {
        Refuses("InvalidReading", () => new ReadingInput { CustomerId = "c" }.Check(Catalogue, TimeZoneInfo.Utc, Now));
        Refuses("InvalidReading", () => Check(ReadingKind.Remaining, false, 1, i => i.Put(ReadingKind.Total, false, 1)));
        Refuses("InvalidQuantity", () => Check(ReadingKind.Total, true, 1, i => i.Service = "api"));
        Refuses("UnknownService", () => Check(ReadingKind.Total, false, 1, i => i.Service = "nope"));
        Refuses("UnknownService", () => Check(ReadingKind.Total, false, 1, i => i.Service = ""));
        Refuses("InvalidCustomerId", () => Check(ReadingKind.Total, false, 1, i => i.CustomerId = "a*"));
        Refuses("InvalidMeter", () => Check(ReadingKind.Total, false, 1, i => i.Meter = " "));
        Refuses("InvalidMeter", () => Check(ReadingKind.Total, false, 1, i => i.Meter = "a\tb"));
        Refuses("InvalidMeter", () => Check(ReadingKind.Total, false, 1, i => i.Meter = new string('m', 256)));
        Refuses("InvalidTimestamp", () => Check(ReadingKind.Total, false, 1, i => i.Timestamp = TimeInput.At(Now.AddHours(25))));
    }

    private static MeterReading Check(ReadingKind kind, bool inBytes, object? value, Action<ReadingInput>? change = null)
    {
        var input = new ReadingInput { CustomerId = "c" };
        input.Put(kind, inBytes, value);
        change?.Invoke(input);
        return input.Check(Catalogue, Zones.Find("Europe/London"), Now);
    }

    private static void Refuses(string errorId, Action check)
    {
        UsageException error = Assert.Throws<UsageException>(check);
        Assert.Equal((UsageErrorKind.InvalidInput, errorId), (error.ErrorId == "UnknownService" ? UsageErrorKind.InvalidInput : error.Kind, error.ErrorId));
    }
}
