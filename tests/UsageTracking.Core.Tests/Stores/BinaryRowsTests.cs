using System.Globalization;
using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Stores;

/// <summary>What the server understands of what was encoded here.</summary>
public sealed class BinaryRowsTests() : OnTestStore(() => TestStore.CreateEmptyAsync(StoreKind.PostgreSql))
{
    [Fact]
    public async Task Numbers_arrive_with_every_digit()
    {
        var random = new Random(20261126);
        List<decimal> numbers =
        [
            0, 0.00m, 1, -1, 9_999, 10_000, 10_001, 99_990_000, 0.0001m, 0.00001m, 0.1m, 1.10m, 12_345.6789m, 100_000_000, 0.000_100_00m,
            1e-28m, decimal.MaxValue, decimal.MinValue, 79_228_162_514.264_337_593_543_950_335m, ulong.MaxValue, 18_446_744_073_709_551_616m,
        ];
        for (int i = 0; i < 5_000; i++)
        {
            var number = new decimal(random.Next(), random.Next(4) == 0 ? random.Next() : 0, random.Next(8) == 0 ? random.Next() : 0, random.Next(2) == 0, (byte)random.Next(29));
            numbers.Add(random.Next(3) == 0 ? decimal.Truncate(number) : number);
        }

        await CopyAsync("CREATE TABLE numbers (position bigint, value numeric)", "COPY numbers FROM STDIN (FORMAT BINARY)", rows =>
        {
            for (int i = 0; i < numbers.Count; i++)
            {
                rows.StartRow(2);
                rows.Write((long)i);
                rows.Write(numbers[i]);
            }
        });

        Assert.Equal(
            numbers.Select(n => n.ToString(CultureInfo.InvariantCulture).Replace("-0", n == 0 ? "0" : "-0", StringComparison.Ordinal)),
            (await Test.QueryAsync("SELECT value::text FROM numbers ORDER BY position")).Select(r => r[0]));
        // Digits in the form that the server itself would give them: equal numbers are equal bytes.
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM numbers WHERE numeric_send(value) <> numeric_send(value::text::numeric)"));
    }

    [Fact]
    public async Task Texts_times_and_documents_arrive_as_they_are()
    {
        string large = new('ü', 50_000);
        await CopyAsync("CREATE TABLE various (t text, j jsonb, z timestamptz, b boolean, n text)", "COPY various FROM STDIN (FORMAT BINARY)", rows =>
        {
            foreach (string text in (string[])["", "plain", "naïve 日本 🚀", large])
            {
                rows.StartRow(5);
                rows.Write(text);
                rows.WriteJson("""{"a":[1,"ü"]}"""u8);
                rows.Write(new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)).AddTicks(12_345_670));
                rows.Write(text.Length > 0);
                rows.WriteNull();
            }
        });

        IReadOnlyList<string[]> rows = await Test.QueryAsync("SELECT t, j->'a'->>1, to_char(z AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), b::text, (n IS NULL)::text FROM various ORDER BY length(t)");
        Assert.Equal(["", "plain", "naïve 日本 🚀", large], rows.Select(r => r[0]));
        Assert.All(rows, r => Assert.Equal(["ü", "1979-12-31 23:00:01.234567", r[0].Length > 0 ? "true" : "false", "true"], r[1..]));
    }

    [Fact]
    public async Task What_is_not_completed_is_taken_back()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CopyAsync("CREATE TABLE numbers (position bigint)", "COPY numbers FROM STDIN (FORMAT BINARY)", rows =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                rows.StartRow(1);
                rows.Write((long)i);
            }

            throw new InvalidTimeZoneException();
        }));

        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM numbers"));
    }

    private async Task CopyAsync(string create, string copy, Action<BinaryRows> write)
    {
        await Test.QueryAsync(create);
        await using var connection = new NpgsqlConnection(Test.ConnectionString);
        await connection.OpenAsync(Cancel);
        using BinaryRows rows = BinaryRows.Begin(connection, copy);
        write(rows);
        rows.Complete();
    }
}
