export const PROFILE_IS_FOR_NEW =
  "new certificates will have the other profile. The present ones are not changed.";
