using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Files.Export.Xlsx;

/// <summary>
/// Writes a workbook whose records go straight into the package: a workbook in memory would take some 7 KB a row. The
/// rest of it is made before, for its styles, and again after the records, when their totals are known.
/// </summary>
internal sealed class XlsxRecordWriter : IRecordWriter
{
    /// <summary>Rows that a sheet holds, the header included.</summary>
    public const int SheetRows = 1_048_576;

    private const int FlushSize = 64 * 1024;

    private static readonly DateTime FirstDay = new(1899, 12, 30);

    private readonly ZipArchive _package;
    private readonly RecordsWorkbook _workbook;
    private readonly ExportTotals _totals;
    private readonly TimeZoneInfo _zone;
    private readonly int _sheetRows;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushSize);
    private readonly List<SheetTemplate> _sheets = [];
    private byte[][] _cells = [];
    private Stream? _sheet;
    private int _sheetIndex = -1;
    private int _row;
    private long _cut;

    public XlsxRecordWriter(Stream stream, ExportRequest request, int sheetRows = SheetRows)
    {
        _package = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        _workbook = new RecordsWorkbook(request);
        _totals = new ExportTotals(request.ServiceOrder);
        _zone = request.Zone ?? TimeZoneInfo.Utc;
        _sheetRows = sheetRows;
    }

    public string? Warning => _cut == 0 ? null
        : $"The metadata of {Wording.Count(_cut, "record")} was cut to {CellText.Longest} characters, which is what a cell holds. Csv, Json and Ndjson keep all of it.";

    public void Write(StoredRecord record, long total)
    {
        if (_sheets.Count == 0)
            Begin(total);
        else if (_row == _sheetRows)
            BeginSheet();

        _totals.Add(record);
        WriteRow(record);
        if (_buffer.WrittenCount >= FlushSize)
            Flush();
    }

    public void Finish()
    {
        if (_sheets.Count == 0)
            Begin(0);

        EndSheet();
        using MemoryStream file = _workbook.Save(_sheets.Count, _totals);
        using var whole = new ZipArchive(file);
        if (SheetTemplate.Read(whole, 0) is var sheet && (sheet.HeaderStyle != _sheets[0].HeaderStyle || !sheet.ColumnStyles.SequenceEqual(_sheets[0].ColumnStyles)))
            throw new InvalidOperationException("The workbook's styles changed with its totals.");

        HashSet<string> written = [.. _sheets.Select((_, i) => SheetTemplate.EntryName(i))];
        foreach (ZipArchiveEntry entry in whole.Entries.Where(e => !written.Contains(e.FullName)))
        {
            using Stream from = entry.Open();
            using Stream to = _package.CreateEntry(entry.FullName).Open();
            from.CopyTo(to);
        }

        // The package's list of contents is written at its end.
        _package.Dispose();
    }

    public void Dispose()
    {
        _sheet?.Dispose();
        _package.Dispose();
    }

    private void Begin(long total)
    {
        int rows = _sheetRows - 1;
        int sheets = (int)Math.Max(1, (total + rows - 1) / rows);
        using MemoryStream file = _workbook.Save(sheets, new ExportTotals([]));
        using var empty = new ZipArchive(file);
        _sheets.AddRange(Enumerable.Range(0, sheets).Select(i => SheetTemplate.Read(empty, i)));
        _cells = [.. _workbook.Columns.Zip(_sheets[0].ColumnStyles, static (name, style) => Cell(style, name is "timestamp" or "quantity" or "unit_cost" or "total_cost" or "id"))];
        BeginSheet();
    }

    private void BeginSheet()
    {
        EndSheet();
        _sheetIndex++;
        _sheet = _package.CreateEntry(SheetTemplate.EntryName(_sheetIndex)).Open();
        _buffer.Write(_sheets[_sheetIndex].Head);
        _buffer.Write("<x:row>"u8);
        foreach (string name in _workbook.Columns)
        {
            _buffer.Write(Cell(_sheets[0].HeaderStyle, isNumber: false));
            Text(name);
        }

        _buffer.Write("</x:row>"u8);
        _row = 1;
    }

    private void EndSheet()
    {
        if (_sheet is null)
            return;

        _buffer.Write(_sheets[_sheetIndex].Tail);
        Flush();
        _sheet.Dispose();
        _sheet = null;
    }

    private void WriteRow(StoredRecord record)
    {
        _row++;
        _buffer.Write("<x:row>"u8);
        int cell = 0;
        Next();
        Number(Serial(record.Timestamp));
        Next();
        Text(record.Service);
        Next();
        Number(record.Quantity);
        Next();
        Number(record.UnitCost);
        Next();
        Number(record.TotalCost);
        Next();
        if (CellText.Append(_buffer, record.Metadata.Utf8.Span))
            _cut++;
        _buffer.Write("</x:c>"u8);
        if (cell < _cells.Length)
        {
            Next();
            Text(record.CustomerId);
        }

        if (cell < _cells.Length)
        {
            Next();
            Text(record.EventKey ?? "");
            Next();
            Number(record.Id);
        }

        _buffer.Write("</x:row>"u8);

        void Next() => _buffer.Write(_cells[cell++]);
    }

    // Days since 1899, as the zone's clocks show them.
    private decimal Serial(DateTimeOffset time) =>
        decimal.Round((decimal)(TimeZoneInfo.ConvertTime(time, _zone).DateTime - FirstDay).Ticks / TimeSpan.TicksPerDay, 12);

    private static byte[] Cell(int style, bool isNumber) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<x:c s=\"{style}\"{(isNumber ? "><x:v>" : " t=\"inlineStr\">")}"));

    private void Text(string text)
    {
        Span<byte> small = stackalloc byte[256];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.TryGetBytes(text, small, out int length) ? small[..length] : Encoding.UTF8.GetBytes(text);
        CellText.Append(_buffer, utf8);
        _buffer.Write("</x:c>"u8);
    }

    private void Number(decimal number)
    {
        Utf8Formatter.TryFormat(number, _buffer.GetSpan(40), out int length);
        _buffer.Advance(length);
        _buffer.Write("</x:v></x:c>"u8);
    }

    private void Flush()
    {
        _sheet!.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
