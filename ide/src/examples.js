// The tabs of the first visit, in this order. Each file begins with a comment that describes the example.

import service from '../examples/1-service.graphql';
import costsAndRisks from '../examples/2-costs-and-risks.graphql';
import consumers from '../examples/3-consumers.graphql';
import services from '../examples/4-services.graphql';
import ticket from '../examples/5-by-ticket-key.graphql';
import dryRun from '../examples/6-dry-run.graphql';
import viewer from '../examples/7-viewer.graphql';
import impact from '../examples/8-impact.graphql';
import openThread from '../examples/9-open-thread.graphql';
import threads from '../examples/10-threads.graphql';
import agreements from '../examples/11-agreements.graphql';
import proposal from '../examples/12-proposal.graphql';

export const examples = [
  service,
  costsAndRisks,
  consumers,
  services,
  ticket,
  dryRun,
  viewer,
  impact,
  openThread,
  threads,
  agreements,
  proposal,
].map((query) => ({ query }));
