using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Time;

public sealed class ZonesTests
{
    [Theory]
    [InlineData("UTC", "UTC")]
    [InlineData("utc", "UTC")]
    [InlineData("Europe/London", "Europe/London")]
    [InlineData("Asia/Kathmandu", "Asia/Kathmandu")]
    [InlineData("GMT Standard Time", "Europe/London")]
    [InlineData("W. Europe Standard Time", "Europe/Berlin")]
    [InlineData("Eastern Standard Time", "America/New_York")]
    [InlineData("India Standard Time", "Asia/Kolkata")]
    public void Iana_and_Windows_ids_are_known_everywhere(string id, string same)
    {
        TimeZoneInfo zone = Zones.Find(id);
        TimeZoneInfo expected = Zones.Find(same);

        for (DateTimeOffset time = Utc(2026, 1, 1); time < Utc(2027, 1, 1); time = time.AddHours(7))
            Assert.Equal(expected.GetUtcOffset(time), zone.GetUtcOffset(time));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("Europe")]
    [InlineData("Europe/Lundon")]
    [InlineData("Mars/Olympus_Mons")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("+01:00")]
    [InlineData("Europe/London\0")]
    public void An_unknown_id_is_an_error_that_shows_a_known_one(string id)
    {
        UsageException error = Assert.Throws<UsageException>(() => Zones.Find(id));

        Assert.Equal(("InvalidTimeZone", UsageErrorKind.InvalidInput, id), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("'Europe/London'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Europe/London", "2026-03-29T01:00Z 2026-10-25T01:00Z")]
    [InlineData("Europe/Dublin", "2026-03-29T01:00Z 2026-10-25T01:00Z")]
    [InlineData("America/New_York", "2026-03-08T07:00Z 2026-11-01T06:00Z")]
    // Half an hour each: 02:00+11:00 becomes 01:30+10:30, and 02:00+10:30 becomes 02:30+11:00.
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00Z 2026-10-03T15:30Z")]
    // The clocks go back for Ramadan.
    [InlineData("Africa/Casablanca", "2026-02-15T02:00Z 2026-03-22T02:00Z")]
    [InlineData("Asia/Kathmandu", "")]
    [InlineData("UTC", "")]
    [InlineData("Etc/GMT+5", "")]
    public void The_changes_of_offset_in_a_year_are_found(string zone, string changes) => Assert.Equal(
        changes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => TimeInput.Parse(c).Start(TimeZoneInfo.Utc)),
        Zones.OffsetChanges(Utc(2026, 1, 1), Utc(2027, 1, 1), Zones.Find(zone)));

    [Fact]
    public void A_change_at_either_bound_is_outside()
    {
        TimeZoneInfo london = Zones.Find("Europe/London");
        DateTimeOffset change = Utc(2026, 3, 29, 1);

        Assert.Empty(Zones.OffsetChanges(change, change.AddDays(1), london));
        Assert.Empty(Zones.OffsetChanges(change.AddDays(-1), change, london));
        Assert.Equal([change], Zones.OffsetChanges(change.AddTicks(-1), change.AddTicks(1), london));
        Assert.Equal([change], Zones.OffsetChanges(change.AddSeconds(-1), change.AddSeconds(1), london));
        Assert.Equal([change], Zones.OffsetChanges(change.AddHours(-12).AddTicks(-7), change.AddHours(12), london));
        Assert.Equal([change], Zones.OffsetChanges(change.AddHours(-12), change.AddHours(12).AddTicks(7), london));
    }

    [Fact]
    public void Ranges_shorter_than_a_second_are_answered_at_once()
    {
        TimeZoneInfo london = Zones.Find("Europe/London");
        DateTimeOffset change = Utc(2026, 3, 29, 1);
        for (int offset = -15_000_000; offset <= 15_000_000; offset += 999_999)
        {
            DateTimeOffset from = change.AddTicks(offset);
            foreach (int length in (int[])[0, 1, 9_999_999, 10_000_001])
            {
                DateTimeOffset to = from.AddTicks(length);
                Assert.Equal(from < change && change < to ? [change] : [], Zones.OffsetChanges(from, to, london));
            }
        }
    }

    [Fact]
    public void Every_change_of_every_zone_is_found_and_no_other()
    {
        // By steps of three hours over some years; the offsets on both sides of what is found differ.
        DateTimeOffset from = Utc(2009, 1, 1);
        DateTimeOffset to = Utc(2019, 1, 1);
        foreach (TimeZoneInfo zone in ZoneSamples.All)
        {
            DateTimeOffset[] changes = [.. Zones.OffsetChanges(from, to, zone)];

            Assert.All(changes, c => Assert.NotEqual(zone.GetUtcOffset(c.AddTicks(-1)), zone.GetUtcOffset(c)));
            int seen = 0;
            TimeSpan offset = zone.GetUtcOffset(from);
            for (DateTimeOffset time = from; time < to; time = time.AddHours(3))
            {
                if (zone.GetUtcOffset(time) == offset)
                    continue;

                Assert.InRange(changes[seen++], time.AddHours(-3), time);
                offset = zone.GetUtcOffset(time);
            }

            Assert.Equal(seen, changes.Length);
        }
    }

    [Fact]
    public void Clock_times_around_every_change_are_what_the_clocks_show()
    {
        // The clocks, read every quarter of an hour, say which times occur, and when first.
        foreach (TimeZoneInfo zone in ZoneSamples.All)
        {
            foreach (DateTimeOffset change in Zones.OffsetChanges(Utc(2009, 1, 1), Utc(2019, 1, 1), zone))
            {
                (DateTimeOffset Time, DateTime Shown)[] clock =
                [
                    .. Enumerable.Range(0, 2 * 32 * 4)
                        .Select(i => change.AddHours(-32).AddMinutes(15 * i))
                        .Select(time => (time, time.UtcDateTime + zone.GetUtcOffset(time))),
                ];
                var shown = clock.GroupBy(c => c.Shown).ToDictionary(g => g.Key, g => g.First().Time);
                DateTime around = change.UtcDateTime + zone.GetUtcOffset(change);
                for (DateTime local = around.AddHours(-3); local < around.AddHours(3); local = local.AddMinutes(15))
                {
                    DateTimeOffset first = clock.First(c => c.Shown >= local).Time;
                    Assert.Equal((first, zone.GetUtcOffset(first)), Both(Zones.FirstInstant(local, zone)));
                    if (shown.TryGetValue(local, out DateTimeOffset instant))
                        Assert.Equal((instant, zone.GetUtcOffset(instant)), Both(Zones.ToInstant(local, zone)));
                    else
                        Assert.Equal("InvalidTimestamp", Assert.Throws<UsageException>(() => Zones.ToInstant(local, zone)).ErrorId);
                }
            }
        }

        static (DateTimeOffset, TimeSpan) Both(DateTimeOffset instant) => (instant, instant.Offset);
    }

    [Fact]
    public void The_kind_of_a_local_time_does_not_matter()
    {
        TimeZoneInfo london = Zones.Find("Europe/London");
        foreach (DateTimeKind kind in Enum.GetValues<DateTimeKind>())
        {
            var noon = new DateTime(2026, 7, 1, 12, 0, 0, kind);
            Assert.Equal(Utc(2026, 7, 1, 11), Zones.ToInstant(noon, london));
            Assert.Equal(Utc(2026, 7, 1, 11), Zones.FirstInstant(noon, london));
        }
    }
}
