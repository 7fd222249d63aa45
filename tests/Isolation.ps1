# Makes this process and its children a place of their own: none of the user's settings, none of the user's data,
# and a PostgreSQL of the tests where one can be had ($env:USAGE_TEST_POSTGRES, a superuser's connection string).
# A parent process may have done it already: then there is nothing left to do.

if (-not $env:USAGE_TEST_DATA) {
    Get-ChildItem Env: |
        Where-Object { $_.Name -match '^(USAGE_(?!TEST_)|BILLING_DB_|PG[A-Z]|NSELF_CUSTOMER_ID$|PROJECT_NAME$)' } |
        Remove-Item

    $env:USAGE_TEST_DATA = [System.IO.Directory]::CreateTempSubdirectory('usage-test-').FullName
    $env:XDG_DATA_HOME = $env:LOCALAPPDATA = $env:USAGE_TEST_DATA
    $null = Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -Action {
        Remove-Item -LiteralPath $env:USAGE_TEST_DATA -Recurse -Force -ErrorAction Ignore
    }

    if (-not ('UsageTracking.Testing.PostgresCluster' -as [type])) {
        Add-Type -Path $PSScriptRoot/PostgresCluster.cs
    }
    $reason = ''
    $env:USAGE_TEST_POSTGRES = [UsageTracking.Testing.PostgresCluster]::FindConnectionString([ref] $reason)
    if ($env:USAGE_TEST_POSTGRES) {
        # Some packages put psql where PATH does not lead.
        $env:PATH += [System.IO.Path]::PathSeparator + [UsageTracking.Testing.PostgresCluster]::FindBinDirectory()
    }
    else {
        Write-Warning "The PostgreSQL tests are skipped. $reason"
    }
}
