using ClosedXML.Excel;
using UsageTracking.Metering;

namespace UsageTracking.Files.Export.Xlsx;

/// <summary>The workbook around the records: its summary, and sheets for the records with their columns and styles, but without rows.</summary>
internal sealed class RecordsWorkbook(ExportRequest request)
{
    private const string DateFormat = "yyyy-mm-dd hh:mm:ss";
    private const string CostFormat = "0.00##########";

    private static readonly string[] SummaryColumns = ["customer_id", "service", "events", "quantity", "total_cost"];

    /// <summary>The columns of the records.</summary>
    public IReadOnlyList<string> Columns { get; } =
        [.. CsvRecordWriter.Columns, .. request.Full ? CsvRecordWriter.FullColumns : request.IsOfOneCustomer ? [] : [CsvRecordWriter.FullColumns[0]]];

    /// <summary>The workbook as a file.</summary>
    /// <param name="sheets">How many sheets the records take.</param>
    /// <param name="totals">What the records add up to; none yet gives the same styles.</param>
    public MemoryStream Save(int sheets, ExportTotals totals)
    {
        using var workbook = new XLWorkbook();
        workbook.Properties.Title = "Usage records";
        WriteSummary(workbook.AddWorksheet("Summary"), totals);
        for (int i = 1; i <= sheets; i++)
            LayOut(workbook.AddWorksheet(FormattableString.Invariant($"Records{(i == 1 ? "" : $" {i}")}")));

        var file = new MemoryStream();
        workbook.SaveAs(file);
        file.Position = 0;
        return file;
    }

    private void LayOut(IXLWorksheet sheet)
    {
        foreach ((string name, int i) in Columns.Select((c, i) => (c, i + 1)))
        {
            IXLColumn column = sheet.Column(i);
            column.Width = name switch { "metadata" => 60, "quantity" or "unit_cost" or "total_cost" or "id" => 14, _ => 20 };
            if (name == "timestamp")
                column.Style.DateFormat.Format = DateFormat;
            else if (name is "unit_cost" or "total_cost")
                column.Style.NumberFormat.Format = CostFormat;

            sheet.Cell(1, i).Style = sheet.Workbook.Style;
            sheet.Cell(1, i).Style.Font.Bold = true;
        }

        sheet.SheetView.FreezeRows(1);
    }

    private void WriteSummary(IXLWorksheet sheet, ExportTotals totals)
    {
        sheet.Column(1).Width = 24;
        sheet.Columns(2, 5).Width = 20;
        var period = ExportPeriod.Of(request.Range, request.Zone);
        int row = 1;
        Text(sheet.Cell(row, 1), "Usage records", bold: true);
        Line("Customers", request.Filter.CustomerIds is { } customers ? string.Join(", ", customers) : "all");
        Line("From", period.Start ?? "the first");
        Line("To", period.End ?? "the last");
        Line("Exported", ExportClock.Plain(request.Zone).Format(request.Now.AddTicks(-(request.Now.UtcTicks % TimeSpan.TicksPerSecond))));
        Line("Time zone", request.Zone?.Id ?? "UTC");
        row += 2;
        foreach ((string name, int i) in SummaryColumns.Select((n, i) => (n, i + 1)))
            Text(sheet.Cell(row, i), name, bold: true);

        foreach ((string customer, string service, Stores.Figures figures) in totals.Lines)
        {
            row++;
            Text(sheet.Cell(row, 1), customer);
            Text(sheet.Cell(row, 2), service);
            sheet.Cell(row, 3).SetValue(figures.Events);
            sheet.Cell(row, 4).SetValue(figures.Quantity.ToReported());
            Cost(sheet.Cell(row, 5), figures.Cost);
        }

        row++;
        Stores.Figures all = totals.All;
        Text(sheet.Cell(row, 1), "total", bold: true);
        sheet.Cell(row, 3).SetValue(all.Events);
        Cost(sheet.Cell(row, 5), all.Cost);

        void Line(string name, string value)
        {
            row++;
            Text(sheet.Cell(row, 1), name);
            Text(sheet.Cell(row, 2), value);
        }
    }

    private static void Text(IXLCell cell, string text, bool bold = false)
    {
        // A value that is set without its type might become a date, a number or a formula.
        cell.SetDataType(XLDataType.Text);
        cell.SetValue(text);
        cell.Style.Font.Bold = bold;
    }

    private static void Cost(IXLCell cell, ExactDecimal cost)
    {
        cell.SetValue(cost.ToReported());
        cell.Style.NumberFormat.Format = CostFormat;
    }
}
