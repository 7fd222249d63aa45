using System.Management.Automation;
using UsageTracking.Readings;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageReading")]
[OutputType(typeof(UsageReading))]
public sealed class GetUsageReadingCommand : RangeReportCmdlet
{
    private const int DefaultDays = 30;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Meter { get; set; } = ["*"];

    /// <inheritdoc/>
    // Up to a day ahead: a reading may carry a time that this clock has not reached yet.
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.LastDaysAndAhead(DefaultDays, now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageReading reading in Wait(ReadingList.ReadAsync(Connection.Store, Scope.Filter, Scope.Services, Scope.Range, Scope.Zone, Cancel)))
        {
            if (NameSelection.Matches(Meter, reading.Meter))
                WriteObject(Listed(reading));
        }
    }

    // By this name the format view without what the store does not keep is found.
    private static PSObject Listed(UsageReading reading)
    {
        var listed = new PSObject(reading);
        listed.TypeNames.Insert(0, typeof(UsageReading).FullName + "#Listed");
        return listed;
    }
}
