using UsageTracking.Metering;
using UsageTracking.Queue.Spools;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Queue.Spools;

public sealed class EncodedRecordsTests
{
    [Fact]
    public void They_are_what_was_put_in_whatever_their_size_and_however_often_they_are_read()
    {
        var random = new Random(3);
        var buffer = new EncodedRecords.Buffer();
        for (int round = 0; round < 3; round++)
        {
            buffer.Clear();
            var expected = new List<UsageRecord>();
            for (int frame = 0; frame < 40; frame++)
            {
                List<UsageRecord> records = [.. Enumerable.Range(0, random.Next(1, 60)).Select(i => Sized(frame, i, random.Next(30) == 0 ? 60_000 : random.Next(300)))];
                int known = random.Next(records.Count + 1);
                (byte[] bytes, int[] starts) = Encode(records);
                buffer.Add(bytes, starts, known);
                expected.AddRange(records.Skip(known));
            }

            EncodedRecords all = buffer.All;
            Assert.Equal(expected, all);
            Assert.Equal(expected, all);
            Assert.Equal(expected.Count, all.Count);
            Assert.Equal(expected[17], all[17]);
            EncodedRecords part = all.Part(10, 25);
            Assert.Equal(expected[10..35], part);
            Assert.Equal(expected[13..15], part.Part(3, 2));
            Assert.Empty(all.Part(all.Count, 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => all[all.Count]);
            Assert.Throws<ArgumentOutOfRangeException>(() => part.Part(10, 16));
        }
    }

    private static UsageRecord Sized(int frame, int number, int size) =>
        Record("api", number, Utc(2026, 1, 1), $"c{frame % 3}", $$"""{"x":"{{new string('x', size)}}"}""", key: number % 7 == 0 ? $"{frame}-{number}" : null);

    private static (byte[] Bytes, int[] Starts) Encode(List<UsageRecord> records)
    {
        byte[] bytes = new byte[records.Sum(RecordCodec.LargestSize)];
        var starts = new List<int>();
        int at = 0;
        foreach (UsageRecord record in records)
        {
            starts.Add(at);
            at += RecordCodec.Write(record, bytes.AsSpan(at));
        }

        return (bytes[..at], [.. starts]);
    }
}
