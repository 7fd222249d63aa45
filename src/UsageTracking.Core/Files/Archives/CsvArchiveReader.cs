using System.Globalization;
using System.Text;
using CsvHelper;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Reads what <see cref="CsvArchiveWriter"/> writes.</summary>
internal static class CsvArchiveReader
{
    // Metadata has 64 KiB at most here, each of whose quotes may be doubled; other programs may write more.
    private const int LargestRecord = 16 * 1024 * 1024;

    public static IEnumerable<ArchivedRecord> Read(Stream stream)
    {
        bool isMalformed = false;
        using CsvReader csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrackLineNumbers = true,
            MaxRecordSize = LargestRecord,
            OnMalformedRecord = _ => isMalformed = true,
        });
        if (!Next(csv) || !ArchiveColumns.Names.SequenceEqual(Enumerable.Range(0, csv.FieldCount).Select(i => Text(csv, i))))
            throw new DamagedLineException(1);

        while (Next(csv))
        {
            if (isMalformed || csv.FieldCount != ArchiveColumns.Names.Length)
                throw new DamagedLineException(csv.LineNumber);

            yield return RecordAt(csv);
        }
    }

    private static bool Next(CsvReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException error)
        {
            throw new DamagedLineException(error.LineNumber, error);
        }
    }

    private static ArchivedRecord RecordAt(CsvReader csv)
    {
        try
        {
            return new ArchivedRecord
            {
                Id = long.Parse(csv.GetSpan(0), CultureInfo.InvariantCulture),
                CustomerId = Text(csv, 1),
                Service = Text(csv, 2),
                Quantity = decimal.Parse(csv.GetSpan(3), NumberStyles.Float, CultureInfo.InvariantCulture),
                UnitCost = csv.GetSpan(4).IsEmpty ? null : decimal.Parse(csv.GetSpan(4), NumberStyles.Float, CultureInfo.InvariantCulture),
                Metadata = csv.GetSpan(5).IsEmpty ? null : csv.GetSpan(5).ToArray(),
                RecordedAt = ArchiveTime.Parse(csv.GetSpan(6)),
                InvoiceId = CsvText.Unescape(Text(csv, 8)),
                ReceivedAt = ArchiveTime.Parse(csv.GetSpan(9)),
                EventKey = CsvText.Unescape(Text(csv, 10)),
                CorrectsId = csv.GetSpan(11).IsEmpty ? null : long.Parse(csv.GetSpan(11), CultureInfo.InvariantCulture),
                CorrectedBy = CsvText.Unescape(Text(csv, 12)),
                CorrectionReason = CsvText.Unescape(Text(csv, 13)),
            };
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new DamagedLineException(csv.LineNumber, error);
        }
    }

    private static string Text(CsvReader csv, int field) => Encoding.UTF8.GetString(csv.GetSpan(field));
}
