using System.Globalization;
using System.Numerics;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class ServiceEventsTests
{
    private static readonly ServiceCatalogue Binary = Catalogue(ServiceCatalogue.BinaryGigabyte);

    private static readonly ServiceCatalogue Decimal = Catalogue(ServiceCatalogue.DecimalGigabyte);

    [Fact]
    public void An_api_request_is_one_with_endpoint_method_and_status()
    {
        UsageRecord record = Stored(ServiceEvents.ApiRequest("/users", "GET", 200));

        Assert.Equal(("api", 1m), (record.Service, record.Quantity));
        Assert.Equal("""{"endpoint":"/users","method":"GET","status":200}""", record.Metadata.ToString());
    }

    [Fact]
    public void Storage_is_gigabytes_times_hours_with_bytes_and_hours()
    {
        UsageRecord record = Stored(ServiceEvents.Storage(5_368_709_120L, 24));

        Assert.Equal(("storage", 120m), (record.Service, record.Quantity));
        Assert.Equal("""{"bytes":5368709120,"hours":24}""", record.Metadata.ToString());
    }

    [Fact]
    public void Bandwidth_is_gigabytes_with_bytes_and_direction()
    {
        UsageRecord sent = Stored(ServiceEvents.Bandwidth(524_288_000, BandwidthDirection.Egress));
        UsageRecord received = Stored(ServiceEvents.Bandwidth("524288000", BandwidthDirection.Ingress));

        Assert.Equal(("bandwidth", 0.48828125m), (sent.Service, sent.Quantity));
        Assert.Equal("""{"bytes":524288000,"direction":"egress"}""", sent.Metadata.ToString());
        Assert.Equal(("bandwidth", 0.48828125m), (received.Service, received.Quantity));
        Assert.Equal("""{"bytes":524288000,"direction":"ingress"}""", received.Metadata.ToString());
    }

    [Fact]
    public void Compute_is_cpu_hours_with_the_callers_metadata()
    {
        UsageRecord record = Stored(ServiceEvents.Compute(5400, Metadata.Parse("""{"job":"nightly"}""")));

        Assert.Equal(("compute", 1.5m), (record.Service, record.Quantity));
        Assert.Equal("""{"job":"nightly"}""", record.Metadata.ToString());
    }

    [Fact]
    public void A_database_query_is_one_with_type_and_duration()
    {
        UsageRecord record = Stored(ServiceEvents.DatabaseQuery("SELECT", 12.5));

        Assert.Equal(("database", 1m), (record.Service, record.Quantity));
        Assert.Equal("""{"duration_ms":12.5,"type":"SELECT"}""", record.Metadata.ToString());
    }

    [Fact]
    public void A_function_is_one_invocation_with_name_duration_and_memory()
    {
        UsageRecord record = Stored(ServiceEvents.Function("resize", 250, "128"));

        Assert.Equal(("functions", 1m), (record.Service, record.Quantity));
        Assert.Equal("""{"duration_ms":250,"function":"resize","memory_mb":128}""", record.Metadata.ToString());
    }

    [Theory]
    [InlineData("1073741824", "1", "1.073741824")]
    [InlineData("1000000000", "0.931322574615478516", "1")]
    [InlineData("524288000", "0.48828125", "0.524288")]
    // 2^-30 is 0.000000000931322574615...: rounded to 18 decimals.
    [InlineData("1", "0.000000000931322575", "0.000000001")]
    [InlineData("3", "0.000000002793967724", "0.000000003")]
    [InlineData("0", "0", "0")]
    [InlineData("9223372036854775807", "8589934591.999999999068677425", "9223372036.854775807")]
    public void A_gigabyte_has_2_to_the_30_bytes_or_10_to_the_9(string bytes, string binary, string decimals)
    {
        RecordInput input = ServiceEvents.Bandwidth(bytes, BandwidthDirection.Egress);

        Assert.Equal(binary, Text(Stored(input).Quantity));
        Assert.Equal(decimals, Text(Stored(input, Decimal).Quantity));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "0.000277777777777778")]
    [InlineData("7200.5", "2.000138888888888889")]
    [InlineData("86400", "24")]
    [InlineData("0.0018", "0.0000005")]
    // 28 digits have room for 17 decimals here.
    [InlineData("40000000000001", "11111111111.11138888888888889")]
    // Halves of the eighteenth decimal.
    [InlineData("0.0000000000000018", "0")]
    [InlineData("0.0000000000000054", "0.000000000000000002")]
    [InlineData("0.000000000000001801", "0.000000000000000001")]
    public void Seconds_of_cpu_time_are_divided_by_3600_and_rounded_once(string seconds, string hours) =>
        Assert.Equal(hours, Text(Stored(ServiceEvents.Compute(seconds, Metadata.Empty)).Quantity));

    [Fact]
    public void Cpu_hours_agree_with_integer_arithmetic()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            decimal seconds = new decimal(random.Next(), random.Next(), random.Next(1 << 26), false, 18);
            if (i % 2 == 0)
            {
                // Next to a half of the eighteenth decimal of the hours.
                BigInteger half = ((BigInteger.Pow(10, 24) * 5) + (2 * random.NextInt64()) + 1) * 1800;
                seconds = (decimal)(half + random.Next(-1, 2)) / 1e18m;
            }

            BigNumber number = BigNumber.Of(seconds);
            Assert.Equal(
                BigNumber.Quotient(number.Unscaled, BigInteger.Pow(10, number.Scale) * 3600, 18).ToString(),
                Text(Stored(ServiceEvents.Compute(seconds, Metadata.Empty)).Quantity));
        }
    }

    [Fact]
    public void Byte_hours_agree_with_integer_arithmetic()
    {
        var random = new Random(2);
        for (int i = 0; i < 2000; i++)
        {
            long bytes = random.NextInt64(1L << random.Next(1, 45));
            decimal hours = new(random.Next(1_000_000), 0, 0, false, (byte)random.Next(7));
            BigNumber time = BigNumber.Of(hours);

            Assert.Equal(
                BigNumber.Quotient(bytes * time.Unscaled, BigInteger.Pow(10, time.Scale) << 30, 18).ToString(),
                Text(Stored(ServiceEvents.Storage(bytes, hours)).Quantity));
        }
    }

    [Theory]
    [InlineData(5_123_456_789_123, 1 / 3.0)]
    [InlineData(5_123_456_789_123, 1 / 7.0)]
    [InlineData(9_007_199_254_740_993, 1 / 3.0)]
    [InlineData(14_000_000_000_000_001, 7200.3)]
    public void Many_bytes_for_a_fraction_of_an_hour_have_more_digits_than_a_quantity_and_are_recorded_all_the_same(long bytes, double hours)
    {
        // 28 digits leave fewer than 18 decimals of the largest of these; every one is right to 17.
        BigNumber time = BigNumber.Of(decimal.Parse(hours.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        decimal quantity = Stored(ServiceEvents.Storage(bytes, hours)).Quantity;

        var exact = BigNumber.Quotient(bytes * time.Unscaled, BigInteger.Pow(10, time.Scale) << 30, 30);
        BigInteger difference = BigInteger.Abs(BigNumber.Of(quantity).At(30) - exact.Unscaled);
        Assert.True(difference <= BigInteger.Pow(10, 13), $"{quantity} is not {exact}");
    }

    [Fact]
    public void What_is_no_number_or_too_much_is_an_error()
    {
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Storage("1,5", 1)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Storage(1, null)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Storage(-1, 1)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Storage(1, -1)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Storage(1e20, 1e20)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Bandwidth("", BandwidthDirection.Egress)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Bandwidth(-1, BandwidthDirection.Egress)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Compute(null, Metadata.Empty)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.DatabaseQuery("SELECT", "fast")));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Function("f", -1, 128)));
        Assert.Equal("InvalidQuantity", Refusal(() => ServiceEvents.Function("f", 1, double.NaN)));
    }

    [Fact]
    public void A_German_session_records_the_same() => Cultures.In("de-DE", () =>
    {
        Assert.Equal("""{"bytes":1.5,"hours":0.25}""", ServiceEvents.Storage(1.5, "0.25").Metadata.ToString());
        Assert.Equal("""{"duration_ms":12.5,"type":"SELECT"}""", ServiceEvents.DatabaseQuery("SELECT", 12.5).Metadata.ToString());
    });

    private static ServiceCatalogue Catalogue(long bytesPerGigabyte) => new(BuiltInServices.All.Select(s => s.Service), bytesPerGigabyte);

    private static UsageRecord Stored(RecordInput input, ServiceCatalogue? catalogue = null)
    {
        input.CustomerId = "acme";
        UsageRecord record = (catalogue ?? Binary).Resolve(input.Check(TimeZoneInfo.Utc, DateTimeOffset.UtcNow));
        Assert.False(record.InBytes);
        return record;
    }

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Refusal(Func<RecordInput> make) => Assert.Throws<UsageException>(make).ErrorId;
}
