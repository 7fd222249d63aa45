using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Measure, "Usage")]
[OutputType(typeof(UsageMeasure))]
public sealed class MeasureUsageCommand : RangeReportCmdlet
{
    [Parameter(Position = 0)]
    public PeriodKind Period { get; set; } = PeriodKind.Daily;

    // The order of the original's arguments: period, customer, start, end.
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public override string[]? CustomerId { get; set; }

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("From")]
    [ValidateNotNull]
    public override object? Start { get; set; }

    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [Alias("To")]
    [ValidateNotNull]
    public override object? End { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string[] GroupBy { get; set; } = [];

    [Parameter]
    public SwitchParameter IncludeEmpty { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.CurrentMonth(now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        if (GroupBy.Length > 0)
            WarnOfArchived();

        IReadOnlyList<UsageMeasure> measures = Wait(MeasureReport.ReadAsync(
            Connection.Store, Scope, Period, MetadataKeys.Check(GroupBy), IncludeEmpty ? Customers : null, Cancel));
        foreach (string key in GroupBy.Where(key => measures.Count > 0 && measures.All(m => m.Group?[key] is null)))
            WriteWarning($"No record of the range has the metadata key '{key}'. Its case matters.");

        foreach (UsageMeasure measure in measures)
            WriteObject(GroupBy.Length == 0 ? measure : Grouped(measure));
    }

    // By this name the format view with the column Group is found.
    private static PSObject Grouped(UsageMeasure measure)
    {
        var grouped = new PSObject(measure);
        grouped.TypeNames.Insert(0, typeof(UsageMeasure).FullName + "#Grouped");
        return grouped;
    }
}
