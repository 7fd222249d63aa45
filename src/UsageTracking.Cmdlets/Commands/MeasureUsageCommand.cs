using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Measure, "Usage")]
[OutputType(typeof(UsageMeasure))]
public sealed class MeasureUsageCommand : ReportCmdlet
{
    [Parameter(Position = 0)]
    public PeriodKind Period { get; set; } = PeriodKind.Daily;

    // The order of the original's arguments: period, customer, start, end.
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
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
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter IncludeEmpty { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.CurrentMonth(now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageMeasure measure in Wait(MeasureReport.ReadAsync(Connection.Store, Scope, Period, IncludeEmpty ? Customers : null, Cancel)))
            WriteObject(measure);
    }
}
