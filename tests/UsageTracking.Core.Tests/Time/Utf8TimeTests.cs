using System.Globalization;
using System.Text;
using UsageTracking.Time;

namespace UsageTracking.Tests.Time;

public sealed class Utf8TimeTests
{
    [Theory]
    [InlineData("2026-01-30 16:45:23")]
    [InlineData("2026-01-30T16:45:23Z")]
    [InlineData("2026-01-30 16:45:23.5")]
    [InlineData("2026-01-30 16:45:23.123456")]
    [InlineData("2024-02-29T23:59:59.9999999Z")]
    [InlineData("0001-01-01 00:00:00")]
    [InlineData("9999-12-31 23:59:59.9999999")]
    public void The_usual_forms_are_read_without_making_text_of_them(string text)
    {
        Assert.True(TimeInput.TryParseUtf8(Encoding.UTF8.GetBytes(text), out TimeInput time));
        Assert.Equal(TimeInput.Parse(text), time);
    }

    [Theory]
    [InlineData("2026-01-30 16:45:23+01:00")]
    [InlineData("2026-01-30 16:45:23.")]
    [InlineData("2026-01-30 16:45:23.12345678")]
    [InlineData("2026-01-30 16:45")]
    [InlineData("2026-02-30 16:45:23")]
    [InlineData("2026-13-01 16:45:23")]
    [InlineData("2026-01-30 24:00:00")]
    [InlineData("2026-01-30 16:60:00")]
    [InlineData("2026-01-30 16:45:2x")]
    [InlineData("2026-01-30 16:45:23.x")]
    [InlineData("0000-01-30 16:45:23")]
    [InlineData("2026-01-30_16:45:23")]
    [InlineData("+026-01-30 16:45:23")]
    [InlineData("Z")]
    [InlineData("")]
    public void All_others_are_left_alone(string text) => Assert.False(TimeInput.TryParseUtf8(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Random_times_are_the_same_either_way()
    {
        var random = new Random(3);
        for (int i = 0; i < 10_000; i++)
        {
            string text = DateTime.UnixEpoch.AddTicks(random.NextInt64(TimeSpan.TicksPerDay * 30_000))
                .ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
            Assert.True(TimeInput.TryParseUtf8(Encoding.UTF8.GetBytes(text), out TimeInput time), text);
            Assert.Equal(TimeInput.Parse(text), time);
        }
    }
}
