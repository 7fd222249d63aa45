using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class TotalMetersTests
{
    [Fact]
    public void The_first_reading_is_a_baseline_and_each_rise_is_usage() =>
        Assert.Equal(["a Baseline 0", "a Usage 20.5", "a Usage 0", "a Usage 0.000000000000000001"],
            Derive(Total("1", 1000), Total("2", 1020.5m), Total("3", 1020.5m), Total("4", 1020.500000000000000001m)));

    [Fact]
    public void Meters_count_on_their_own_and_the_order_they_come_in_does_not_matter() =>
        Assert.Equal(["a Baseline 0", "b Baseline 0", "a Usage 5", "b Usage 1", "a Usage 7"],
            Derive(Total("4", 22), Total("3", 101, "b"), Total("1", 10), Total("2", 15), Total("1 01:00", 100, "b")));

    [Theory]
    [InlineData("99990", "15", "a RollOver 25")]
    [InlineData("90000", "10000", "a RollOver 20000")]
    [InlineData("89999", "15", "a Reset 15")]
    [InlineData("99990", "10001", "a Reset 10001")]
    [InlineData("99990", "0", "a RollOver 10")]
    [InlineData("100000", "5", "a Reset 5")]
    [InlineData("9.5", "0.25", "a RollOver 0.75")]
    [InlineData("0.5", "0.25", "a Reset 0.25")]
    [InlineData("9999999999999999999999999999", "1", "a RollOver 2")]
    public void A_fall_is_a_roll_over_where_a_power_of_ten_was_near_and_else_a_reset(string before, string after, string expected) =>
        Assert.Equal(["a Baseline 0", expected], Derive(Total("1", Number(before)), Total("2", Number(after))));

    [Theory]
    [InlineData(ServiceCatalogue.BinaryGigabyte, "3.75", "0.25", "a RollOver 0.5")]
    [InlineData(ServiceCatalogue.BinaryGigabyte, "3.5", "0.25", "a Reset 0.25")]
    [InlineData(ServiceCatalogue.BinaryGigabyte, "99.5", "0.25", "a Reset 0.25")]
    [InlineData(ServiceCatalogue.BinaryGigabyte, "17179869183", "1", "a RollOver 2")]
    [InlineData(ServiceCatalogue.BinaryGigabyte, "17179869184", "1", "a Reset 1")]
    [InlineData(ServiceCatalogue.DecimalGigabyte, "4.29", "0.000000001", "a RollOver 0.004967297")]
    [InlineData(ServiceCatalogue.DecimalGigabyte, "4.294967296", "0.1", "a Reset 0.1")]
    [InlineData(ServiceCatalogue.DecimalGigabyte, "18446744073.709551615", "0", "a RollOver 0.000000001")]
    public void Counters_of_bytes_roll_over_after_32_or_64_bits(long bytesPerGigabyte, string before, string after, string expected) =>
        Assert.Equal(["a Baseline 0", expected],
            TotalMeters.Derive([Total("1", Number(before)), Total("2", Number(after))], At("1"), TotalMeters.ByteRanges(bytesPerGigabyte)).Text());

    [Fact]
    public void Of_readings_before_the_instant_only_the_value_counts()
    {
        StoredReading[] readings = [Total("1", 10), Total("2", 15), Total("3", 17)];

        Assert.Equal(["a Usage 5", "a Usage 2"], TotalMeters.Derive(readings, At("1 00:00:01"), []).Text());
        Assert.Equal([10m, 15m], TotalMeters.Derive(readings, At("2"), []).Select(d => d.Previous));
    }

    private static IEnumerable<string> Derive(params StoredReading[] readings) => TotalMeters.Derive(readings, At("1"), []).Text();

    private static decimal Number(string text) => Quantity.Read(text);
}
