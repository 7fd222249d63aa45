@{
    RootModule           = 'UsageTracking.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '9755a383-e0df-46d4-a372-04b2b2c1bb39'
    Author               = 'UsageTracking contributors'
    CompanyName          = 'UsageTracking contributors'
    Copyright            = '(c) UsageTracking contributors. MIT licence.'
    Description          = 'Records metered usage, keeps it in a crash-safe queue, streams it to SQLite or PostgreSQL, and turns it into reports, quotas with alerts, and burn-down charts.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('UsageTracking.Format.ps1xml')

    CmdletsToExport      = @(
        'Connect-UsageStore'
        'Disconnect-UsageStore'
        'Get-UsageStore'
        'Initialize-UsageStore'
        'Get-UsageOption'
        'Set-UsageOption'
        'Get-UsageCustomer'
        'Set-UsageCustomer'
        'Remove-UsageCustomer'
        'Add-UsageRecord'
        'Import-UsageRecord'
        'Add-UsageApiRequest'
        'Add-UsageStorage'
        'Add-UsageBandwidth'
        'Add-UsageCompute'
        'Add-UsageDatabaseQuery'
        'Add-UsageFunction'
        'Invoke-UsageFlush'
        'Get-UsageQueue'
        'Clear-UsageQueue'
        'Get-UsageRejectedRecord'
        'Remove-UsageRejectedRecord'
        'Get-Usage'
        'Get-UsageRecord'
        'Export-Usage'
        'Measure-Usage'
        'Get-UsageStatistic'
        'Get-UsageTrend'
        'Get-UsagePeak'
        'Get-UsageAnomaly'
        'Get-UsageService'
        'Get-UsageQuota'
        'Set-UsageQuota'
        'Remove-UsageQuota'
        'Test-UsageQuota'
        'Add-UsageAllowance'
        'Invoke-UsageAlertCheck'
        'Get-UsageAlert'
        'Add-UsageReading'
        'Update-UsageReading'
        'Get-UsageReading'
        'Remove-UsageReading'
        'Get-UsageBurndown'
        'Show-UsageChart'
        'Export-UsageChart'
        'Invoke-UsageArchive'
        'Get-UsageArchive'
        'Test-UsageArchive'
        'Restore-UsageArchive'
        'Update-UsageSummary'
        'Compare-Usage'
        'Register-UsageJob'
        'Get-UsageJob'
        'Unregister-UsageJob'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()

    PrivateData          = @{
        PSData = @{
            Tags         = @('Usage', 'Metering', 'Billing', 'Quota', 'Alert', 'Burndown', 'PostgreSQL', 'SQLite', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://github.com/usagetracking/usagetracking/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/usagetracking/usagetracking'
            ReleaseNotes = 'First version: records, the queue, the SQLite and PostgreSQL stores, usage reports, quotas, alerts, meter readings, burn-downs, charts, exports, imports, archives and scheduled jobs.'
        }
    }
}
